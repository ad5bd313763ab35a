// Objects in their order.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_schema.hpp>

#include <atomic>
#include <mutex>
#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/flow/worker_pool.hpp>
#include <flytt/task/phase.hpp>

namespace flytt::task {
namespace {

using base::Error;
using value::ObjectKind;

/// The table that an index, foreign key or trigger belongs to, as its own step's name.
std::string parent_phase(const value::SchemaObject& object) {
  value::SchemaObject table;
  table.kind = ObjectKind::table;
  table.schema = object.schema;
  table.name = object.parent;
  return phase_of(table);
}

/// One of several is the cause, and only the server's words tell which: all of them, up to a few.
Error all_of(const std::vector<Error>& errors) {
  constexpr std::size_t kShown = 5;
  if (errors.size() == 1) return errors.front();
  std::string text;
  for (std::size_t i = 0; i < errors.size() && i < kShown; ++i) text += (i == 0 ? "" : "; ") + errors[i].text();
  if (errors.size() > kShown) text += base::concat("; and ", errors.size() - kShown, " more");
  return Error(errors.front().code(), std::move(text), errors.front().facts());
}

}  // namespace

LoadSchema::LoadSchema(engine::Server& server, engine::Target& target, const engine::LoadRequest& request, unsigned jobs,
                       LoadLedger& ledger, const std::vector<value::SchemaObject>& objects, std::set<std::string> present,
                       flow::WorkerPool::OnFailure failed, base::Context& context)
    : server_(server), request_(request), ledger_(ledger), objects_(objects), present_(std::move(present)), context_(context) {
  for (unsigned i = 0; i < jobs; ++i) writers_.push_back(target.schema_writer(request));
  if (request_.defer_indexes)
    for (const auto* index : of(ObjectKind::index)) indexes_[{index->schema, index->parent}].push_back(index);
  // Half as many as load rows: these must not be held up for long, since the source's snapshot is as old as they take.
  builders_ = std::make_unique<LoadBuilders>(
      jobs, jobs / 2, [this](std::size_t worker, const value::SchemaObject& object) { create(*writers_[worker], object); }, context_,
      std::move(failed));
}

LoadSchema::Objects LoadSchema::of(ObjectKind kind) const {
  Objects out;
  for (const auto& object : objects_)
    if (object.kind == kind && wanted(object)) out.push_back(&object);
  return out;
}

/// A table that was there keeps the indexes, keys and triggers it has.
bool LoadSchema::wanted(const value::SchemaObject& object) const {
  if (present_.contains(phase_of(object))) return false;
  return object.parent.empty() || !present_.contains(parent_phase(object));
}

void LoadSchema::create(engine::SchemaWriter& writer, const value::SchemaObject& object) {
  const auto phase = phase_of(object);
  if (ledger_.was_done(phase)) return;
  context_.check_stop();
  const bool begun = ledger_.was_begun(phase);
  if (!begun) ledger_.intend(phase);
  try {
    begun ? writer.recreate(object) : writer.create(object);
  } catch (const Error& error) {
    throw error.within("while creating " + object.display());
  }
  ledger_.done(phase, object.kind == ObjectKind::event ? object.attributes : std::string());
  context_.log.debug("created " + object.display());
}

/// All of a kind; those that need another which is not there yet are tried again after the others.
void LoadSchema::create_all(ObjectKind kind) {
  auto& writer = *writers_.front();
  Objects todo = of(kind);
  while (!todo.empty()) {
    Objects later;
    std::vector<Error> why;
    for (const auto* object : todo) {
      try {
        create(writer, *object);
      } catch (const Error& error) {
        if (!writer.depends_on_missing(error)) throw;
        why.push_back(error);
        later.push_back(object);
      }
    }
    if (later.size() == todo.size()) throw all_of(why);
    todo = std::move(later);
  }
}

void LoadSchema::in_parallel(const Objects& objects,
                             const std::function<void(engine::SchemaWriter&, const value::SchemaObject&)>& step) {
  std::atomic<std::size_t> next{0};
  const std::size_t workers = std::min(objects.size(), writers_.size());
  if (workers == 0) return;
  flow::WorkerPool pool(
      workers,
      [&](std::size_t index, std::stop_token stop) {
        for (auto i = next++; i < objects.size() && !stop.stop_requested(); i = next++) step(*writers_[index], *objects[i]);
      },
      context_.stop, [this](std::exception_ptr) { server_.cancel_all(); });
  pool.join();
  context_.check_stop();
}

void LoadSchema::before_data() {
  for (const auto kind : value::kBeforeRows) create_all(kind);
  if (!request_.defer_indexes) create_all(ObjectKind::index);
}

void LoadSchema::table_loaded(const value::TableName& table) {
  const std::lock_guard lock(mutex_);
  const auto found = indexes_.extract(table);
  if (!found) return;
  for (const auto* index : found.mapped()) builders_->add(*index);
}

void LoadSchema::build_rest() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [table, indexes] : std::exchange(indexes_, {}))
      for (const auto* index : indexes) builders_->add(*index);
  }
  builders_->finish();
  context_.check_stop();
}

std::vector<std::string> LoadSchema::after_data() {
  build_rest();
  create_all(ObjectKind::late_definitions);
  // One after another: two that name each other's tables would wait for each other's locks.
  create_all(ObjectKind::foreign_key);
  auto orphans = prove_foreign_keys();
  for (const auto kind : {ObjectKind::routine, ObjectKind::view, ObjectKind::trigger, ObjectKind::event, ObjectKind::grant,
                          ObjectKind::sequence_value, ObjectKind::refresh})
    create_all(kind);
  return orphans;
}

std::vector<std::string> LoadSchema::prove_foreign_keys() {
  std::vector<std::string> bad;
  std::mutex mutex;
  in_parallel(of(ObjectKind::foreign_key), [&](auto& writer, const auto& object) {
    const auto phase = "proof of " + phase_of(object);
    if (ledger_.was_done(phase)) return;
    const auto orphans = writer.orphans(object);
    if (orphans == 0) return ledger_.done(phase);
    const std::lock_guard lock(mutex);
    bad.push_back(base::concat(object.display(), ": ", orphans, orphans == 1 ? " row lacks its parent" : " rows lack their parent"));
  });
  return bad;
}

}  // namespace flytt::task
