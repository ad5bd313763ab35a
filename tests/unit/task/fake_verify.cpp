// The server in memory.
// SPDX-License-Identifier: MIT
#include "fake_verify.hpp"

#include <set>

namespace fake {
namespace {

/// -1, 0, 1 for key images, in the table's order.
int compare_keys(const Table& t, std::string_view a, std::string_view b) {
  const auto x = value::key_parts(t.definition, a), y = value::key_parts(t.definition, b);
  for (std::size_t i = 0; i < x.size(); ++i) {
    int c;
    if (t.definition.columns[t.definition.key.columns[i]].type == value::Type::int32) {
      std::int32_t m, n;
      std::memcpy(&m, x[i].data(), 4);
      std::memcpy(&n, y[i].data(), 4);
      c = m < n ? -1 : m > n;
    } else {
      c = x[i].compare(y[i]);
      c = c < 0 ? -1 : c > 0;
    }
    if (c != 0) return t.backwards ? -c : c;
  }
  return 0;
}

/// The columns of `wanted` out of a stored row, by name, as an image.
std::string image_of(const value::Table& wanted, const Table& stored, const Row& row) {
  std::string bitmap(value::bitmap_bytes(wanted.columns.size()), '\0'), cells;
  for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
    std::size_t from = 0;  // a row holds what its server computes behind what is stored
    const auto& columns = stored.definition.columns;
    const auto name_of = [&](std::size_t at) { return at < columns.size() ? columns[at].name : stored.definition.generated.at(at - columns.size()).name; };
    while (name_of(from) != wanted.columns[i].name) ++from;
    if (!row[from]) {
      bitmap[i / 8] = static_cast<char>(bitmap[i / 8] | 1 << (i % 8));
      continue;
    }
    base::ByteWriter w(cells);
    if (value::fixed_width(wanted.columns[i].type) == 0) {
      w.put_lp32(*row[from]);
    } else {
      w.put_bytes(*row[from]);
    }
  }
  return bitmap + cells;
}

std::string key_of(const Table& t, const Row& row) {
  std::string out;
  base::ByteWriter w(out);
  for (const auto index : t.definition.key.columns) {
    if (value::fixed_width(t.definition.columns[index].type) == 0) {
      w.put_lp32(*row[index]);
    } else {
      w.put_bytes(*row[index]);
    }
  }
  return out;
}

bool in_range(const Table& t, const engine::KeyRange& range, const std::string& key) {
  return (!range.after || compare_keys(t, key, *range.after) > 0) && (!range.through || compare_keys(t, key, *range.through) <= 0);
}

class Catalog final : public engine::Catalog {
 public:
  explicit Catalog(Server& server) : server_(server) {}
  engine::Contents contents(const value::Scope& scope) override {
    engine::Contents c;
    const auto in_scope = [&](const std::string& schema) {
      return scope.all_databases || std::find(scope.databases.begin(), scope.databases.end(), schema) != scope.databases.end();
    };
    for (const auto& d : server_.databases) {
      if (in_scope(d.name)) c.databases.push_back(d);
    }
    if (c.databases.empty() && !scope.all_databases) {
      throw base::Error(base::Exit::unavailable, "there is no such database", {.connection_usable = true});
    }
    for (const auto& t : server_.tables) {
      if (scope.covers(t.definition.name)) c.tables.push_back(t.definition);
    }
    for (const auto& o : server_.objects) {
      if (in_scope(o.schema)) c.objects.push_back(o);
    }
    c.refusals = server_.refusals;
    return c;
  }
  std::vector<engine::Finding> missing_privileges(const value::Scope&) override { return {}; }
  std::vector<engine::Finding> missing_to_compare(const value::Scope&) override { return server_.missing_privileges; }
  std::string comparable(const value::SchemaObject& object) override {
    return object.statement.substr(0, object.statement.find(" AUTO="));
  }
  std::uint64_t count_rows(const value::Table& table, const std::string&) override { return server_.at(table.name.table).rows.size(); }

 private:
  Server& server_;
};

}  // namespace

void Reader::open(const engine::ReadJob& job) {
  if (server_.on_open) server_.on_open(job);
  const std::lock_guard lock(server_.mutex);
  job_ = job;
  at_ = 0;
  rows_.clear();
  const Table& t = server_.at(job.table->name.table);
  const bool walks = job.table->has_key() && job.table->seekable && job.keys.empty();
  const std::set<std::string> keys(job.keys.begin(), job.keys.end());
  for (const Row& row : t.rows) {
    // The only condition there is: the second column must be this text.
    if (!job.condition.empty() && row[1] != job.condition) continue;
    const std::string key = job.table->has_key() ? key_of(t, row) : std::string();
    if (!keys.empty() ? keys.count(key) != 0 : !walks || in_range(t, job.range, key)) rows_.emplace_back(key, image_of(*job.table, t, row));
  }
  if (walks) std::sort(rows_.begin(), rows_.end(), [&](const auto& a, const auto& b) { return compare_keys(t, a.first, b.first) < 0; });
}

void Reader::emit(engine::PayloadSink& out, const std::string& image) const {
  for (std::size_t at = 0; at < image.size(); at += server_.piece) {
    const bool last = at + server_.piece >= image.size();
    out.write(std::string_view(image).substr(at, server_.piece), last ? 1 : 0);
  }
}

engine::ReadProgress Reader::read(engine::PayloadSink& out, std::uint64_t target_bytes) {
  engine::ReadProgress progress;
  for (; at_ < rows_.size() && progress.bytes < target_bytes; ++at_) {
    {
      const std::lock_guard lock(server_.mutex);
      if (++server_.rows_read == server_.fail_at_row) throw base::Error(base::Exit::unavailable, "lost the connection");
    }
    emit(out, rows_[at_].second);
    ++progress.rows;
    progress.bytes += rows_[at_].second.size();
    progress.last_key = rows_[at_].first;
  }
  progress.done = at_ == rows_.size();
  return progress;
}

std::optional<std::string> Reader::split(const value::Table& table, const engine::KeyRange& range) {
  const std::lock_guard lock(server_.mutex);
  const Table& t = server_.at(table.name.table);
  std::vector<std::string> keys;
  for (const Row& row : t.rows) {
    if (std::string key = key_of(t, row); in_range(t, range, key)) keys.push_back(std::move(key));
  }
  if (keys.size() < 4) return std::nullopt;
  std::sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) { return compare_keys(t, a, b) < 0; });
  return keys[keys.size() / 2];
}

std::uint64_t Reader::count_rows(const value::Table& table, const std::string&) {
  const std::lock_guard lock(server_.mutex);
  return server_.at(table.name.table).rows.size();
}

value::Position Channel::current_position() {
  value::Position p;
  p.gtid = "0-1-1";
  return p;
}

engine::ChannelStatus Channel::channel(const std::string&) {
  engine::ChannelStatus status;
  status.exists = server_.has_channel;
  status.error = "duplicate entry";
  return status;
}

engine::Applied Channel::wait_applied(const std::string&, const value::Position&, std::chrono::milliseconds) {
  return server_.on_wait ? server_.on_wait() : engine::Applied::yes;
}

std::unique_ptr<engine::Catalog> Server::catalog() { return std::make_unique<Catalog>(*this); }

}  // namespace fake
