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

/// The ledger's word for whom a run makes objects run as.
constexpr std::string_view kDefiners = "definers ";

std::string definers_of(const engine::LoadRequest& request) {
  return base::concat(kDefiners, request.skip_definers ? "left out" : request.definer.empty() ? "kept" : "set to " + request.definer);
}

/// What to do by hand when the cause is mended.
std::string stayed(const value::SchemaObject& object, const Error& error) {
  return base::concat(error.text(), "; when that is mended: ", object.statement);
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

bool LoadSchema::made_otherwise(const value::SchemaObject& object) const {
  const bool runs_as = object.kind == ObjectKind::routine || object.kind == ObjectKind::view || object.kind == ObjectKind::trigger || object.kind == ObjectKind::event;
  return runs_as && ledger_.was_done_otherwise(kDefiners, definers_of(request_));
}

void LoadSchema::create(engine::SchemaWriter& writer, const value::SchemaObject& object) {
  const auto phase = phase_of(object);
  if (ledger_.was_done(phase) && !made_otherwise(object)) return;
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

/// All of these kinds; those that need another which is not there yet are tried again after the others. Before the rows, what only an
/// index keeps from being waits for it, and so does what needs that.
void LoadSchema::create_all(std::initializer_list<ObjectKind> kinds, When when) {
  auto& writer = *writers_.front();
  Objects todo;
  for (const auto kind : kinds)
    for (const auto* object : of(kind))
      if (!made_.contains(object) && (when == When::after_rows || !writer.after_rows(*object))) todo.push_back(object);
  bool some_wait = false;
  while (!todo.empty()) {
    Objects later;
    std::vector<Error> why;
    bool all_may_stay = true;
    for (const auto* object : todo) {
      try {
        create(writer, *object);
        made_.insert(object);
      } catch (const Error& error) {
        context_.check_stop();
        if (when == When::before_rows && writer.wants_index(error)) {
          some_wait = true;
          continue;
        }
        const bool may_stay = writer.may_stay_behind(*object, error);
        if (!writer.depends_on_missing(error)) {
          if (!may_stay) throw;
          left_behind_.push_back(stayed(*object, error));
          continue;
        }
        all_may_stay = all_may_stay && may_stay;
        why.push_back(error);
        later.push_back(object);
      }
    }
    if (later.size() == todo.size()) {
      if (some_wait) return;
      if (!all_may_stay) throw all_of(why);
      for (std::size_t i = 0; i < why.size(); ++i) left_behind_.push_back(stayed(*later[i], why[i]));
      return;
    }
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
  if (const auto definers = definers_of(request_); !ledger_.was_done(definers)) ledger_.done(definers);
  for (const auto kind : {ObjectKind::account, ObjectKind::database, ObjectKind::property, ObjectKind::definitions, ObjectKind::sequence, ObjectKind::table})
    create_all({kind}, When::before_rows);
  if (!request_.defer_indexes) create_all({ObjectKind::index}, When::before_rows);
  create_all({ObjectKind::routine}, When::before_rows);
  // A view is only made where its definer may read what it shows, and a grant may be on a view.
  create_all({ObjectKind::view, ObjectKind::grant}, When::before_rows);
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
  create_all({ObjectKind::late_definitions}, When::after_rows);
  // One after another: two that name each other's tables would wait for each other's locks.
  create_all({ObjectKind::foreign_key}, When::after_rows);
  auto orphans = prove_foreign_keys();
  create_all({ObjectKind::view, ObjectKind::grant}, When::after_rows);
  for (const auto kind : {ObjectKind::trigger, ObjectKind::event, ObjectKind::sequence_value, ObjectKind::refresh, ObjectKind::property})
    create_all({kind}, When::after_rows);
  for (const auto kind : {ObjectKind::late_definitions, ObjectKind::event})
    for (const auto* object : of(kind))
      for (auto& text : writers_.front()->shortfalls(*object)) left_behind_.push_back(std::move(text));
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
