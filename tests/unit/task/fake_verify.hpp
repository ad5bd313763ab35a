// A server in memory for the tests of verify-rows: tables of row images, a reader that walks them by key, and hooks to change
// rows in the middle of a read.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <flytt/base/bytes.hpp>
#include <flytt/base/error.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/value/row_image.hpp>

namespace fake {

using namespace flytt;

/// A row: one image a column, nothing is NULL.
using Row = std::vector<std::optional<std::string>>;

template <class T>
std::string raw(T v) {
  std::string out(sizeof v, '\0');
  std::memcpy(out.data(), &v, sizeof v);
  return out;
}
inline std::string i32(std::int32_t v) { return raw(v); }
inline std::string f32(float v) { return raw(v); }
inline std::string f64(double v) { return raw(v); }
inline std::string datetime(std::uint8_t day, std::uint8_t hour) {
  std::string out;
  base::ByteWriter w(out);
  w.put_u16(2026), w.put_u8(11), w.put_u8(day), w.put_u8(hour), w.put_u8(30), w.put_u8(0), w.put_u32(250'000);
  return out;
}

inline value::Column column(std::string name, value::Type type, std::string charset = {}) {
  value::Column c;
  c.name = std::move(name);
  c.type = type;
  c.native = std::string(value::type_name(type));
  c.charset = type == value::Type::text && charset.empty() ? "utf8mb4" : std::move(charset);
  return c;
}

struct Table {
  value::Table definition;
  std::vector<Row> rows;
  bool backwards = false;  ///< a collation that orders keys the other way round
};

inline Table table(const std::string& name, std::vector<value::Column> columns, std::vector<std::uint32_t> key) {
  Table t;
  t.definition.name = {"shop", name};
  t.definition.columns = std::move(columns);
  t.definition.key = {"PRIMARY", std::move(key)};
  return t;
}

class Server;

class Reader final : public engine::BulkReader {
 public:
  explicit Reader(Server& server) : server_(server) {}
  void open(const engine::ReadJob& job) override;
  engine::ReadProgress read(engine::PayloadSink& out, std::uint64_t target_bytes) override;
  void shorten(const std::string&) override {}
  std::optional<std::string> split(const value::Table& table, const engine::KeyRange& range) override;
  std::uint64_t count_rows(const value::Table& table, const std::string& condition) override;

 private:
  void emit(engine::PayloadSink& out, const std::string& image) const;
  Server& server_;
  engine::ReadJob job_;
  std::vector<std::pair<std::string, std::string>> rows_;  // key and image, in order
  std::size_t at_ = 0;
};

/// The parts of replication that verify-rows uses.
class Channel : public engine::Replication {
 public:
  explicit Channel(Server& server) : server_(server) {}
  value::Position current_position() override;
  engine::ChannelStatus channel(const std::string&) override;
  engine::Applied wait_applied(const std::string&, const value::Position&, std::chrono::milliseconds) override;

  std::vector<engine::Finding> source_findings(const value::Scope&, const std::string&) override { return {}; }
  void create_channel_account(const std::string&, const std::string&, const std::string&) override {}
  void drop_channel_account(const std::string&, const std::string&) override {}
  bool serves(const value::ServerIdentity&) override { return false; }
  std::vector<std::string> accounts() override { return {}; }
  std::vector<std::string> definers(const value::Scope&) override { return {}; }
  std::string fence_settings() override { return {}; }
  void fence(std::chrono::milliseconds) override {}
  engine::FenceState fence_state() override { return {}; }
  void unfence(const std::string&) override {}
  unsigned end_sessions() override { return 0; }
  std::vector<engine::Finding> target_findings(const value::ServerIdentity&, const value::Scope&) override { return {}; }
  void start_channel(const engine::ChannelRequest&) override {}
  void resume_channel(const std::string&) override {}
  void stop_channel(const std::string&) override {}
  void drop_channel(const std::string&) override {}
  engine::Applied applied(const std::string&, const value::Position&) override { return engine::Applied::yes; }
  std::optional<std::uint64_t> bytes_behind(const std::string&, const value::Position&) override { return {}; }
  std::string local_history() override { return {}; }
  void open_writes(const std::string&) override {}
  void enable_events(const std::vector<std::pair<std::string, std::string>>&) override {}
  engine::Script describe_start(const engine::ChannelRequest&) override { return {}; }
  engine::Script describe_fence() override { return {}; }
  engine::Script describe_promote(const std::string&) override { return {}; }
  std::string persistent_configuration(const engine::ChannelRequest&) override { return {}; }
  void lock_operator() override {}
  void unlock_operator() noexcept override {}

 private:
  Server& server_;
};

class Server final : public engine::Server {
 public:
  explicit Server(std::string host) {
    endpoint_.scheme = "fake";
    endpoint_.host = host;
    identity_.product = "Fake";
    identity_.uuid = host;
  }

  std::vector<Table> tables;
  std::vector<value::SchemaObject> objects;
  std::vector<value::Database> databases{{"shop", "utf8mb4", "utf8mb4_general_ci"}};
  std::vector<engine::Finding> refusals;
  std::vector<engine::Finding> missing_privileges;
  /// Called before every open, without the lock.
  std::function<void(const engine::ReadJob&)> on_open;
  /// Called when somebody waits for the channel; what it says is the answer.
  std::function<engine::Applied()> on_wait;
  bool has_channel = false;
  std::size_t piece = 1U << 20;     ///< rows above this go out in pieces
  std::uint64_t fail_at_row = 0;    ///< the connection is lost when this row was read
  std::uint64_t rows_read = 0;
  std::atomic<unsigned> cancelled = 0;
  std::mutex mutex;

  Table& at(const std::string& name) {
    for (Table& t : tables) {
      if (t.definition.name.table == name) return t;
    }
    throw base::Error(base::Exit::unavailable, "no table " + name, {.connection_usable = true});
  }
  /// The row whose first column holds this number.
  Row& row(const std::string& name, std::int32_t id) {
    for (Row& r : at(name).rows) {
      if (r[0] == i32(id)) return r;
    }
    throw base::Error(base::Exit::bug, "the test has no such row");
  }
  void erase(const std::string& name, std::int32_t id) {
    auto& rows = at(name).rows;
    rows.erase(std::remove_if(rows.begin(), rows.end(), [&](const Row& r) { return r[0] == i32(id); }), rows.end());
  }
  engine::Endpoint& address() { return endpoint_; }
  value::ServerIdentity& self() { return identity_; }

  const value::ServerIdentity& identity() override { return identity_; }
  const engine::Endpoint& endpoint() const noexcept override { return endpoint_; }
  const engine::Dialect& dialect() const noexcept override { std::terminate(); }
  std::unique_ptr<engine::Catalog> catalog() override;
  std::unique_ptr<engine::Snapshot> snapshot(const engine::SnapshotRequest&) override { return nullptr; }
  std::unique_ptr<engine::BulkReader> reader() override { return std::make_unique<Reader>(*this); }
  std::unique_ptr<engine::Target> target() override { return nullptr; }
  std::unique_ptr<engine::Replication> replication() override { return std::make_unique<Channel>(*this); }
  std::unique_ptr<engine::Tuning> tuning() override { return nullptr; }
  void cancel_all() noexcept override { ++cancelled; }

 private:
  engine::Endpoint endpoint_;
  value::ServerIdentity identity_;
};

}  // namespace fake
