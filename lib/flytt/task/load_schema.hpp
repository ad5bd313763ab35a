// Creates the objects of a copy in their order, each step noted in the ledger before and after.
// Layer: task (5).  Thread rule: one thread, but for table_loaded(); it starts workers for indexes and proofs.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/flow/progress.hpp>
#include <flytt/task/load_builders.hpp>
#include <flytt/task/load_ledger.hpp>

namespace flytt::task {

class LoadSchema {
 public:
  using Objects = std::vector<const value::SchemaObject*>;

  /// Everything referred to outlives it. `present`: steps whose object was there before the copy and stays as it is.
  /// `failed` is told when building beside the rows fails, in the thread that failed.
  LoadSchema(engine::Server& server, engine::Target& target, const engine::LoadRequest& request, unsigned jobs,
             LoadLedger& ledger, const std::vector<value::SchemaObject>& objects, std::set<std::string> present,
             flow::WorkerPool::OnFailure failed, base::Context& context);

  /// What must be there before the rows.
  void before_data();
  /// Begins to build the indexes of a table whose rows are all in, beside the loading of others. From any thread.
  void table_loaded(const value::TableName& table);
  /// What comes after all rows. Returns the foreign keys whose rows lack parents, each with their number.
  std::vector<std::string> after_data();
  /// What could not be made, or not as the source has it, while the rest is usable: by name.
  const std::vector<std::string>& left_behind() const noexcept { return left_behind_; }

 private:
  enum class When : bool { before_rows, after_rows };
  Objects of(value::ObjectKind kind) const;
  /// True when an earlier run made it for other definers than this one is to.
  bool made_otherwise(const value::SchemaObject& object) const;
  bool wanted(const value::SchemaObject& object) const;
  void create(engine::SchemaWriter& writer, const value::SchemaObject& object);
  void create_all(std::initializer_list<value::ObjectKind> kinds, When when);
  void in_parallel(const Objects& objects, const std::function<void(engine::SchemaWriter&, const value::SchemaObject&)>& step);
  std::vector<std::string> prove_foreign_keys();
  void build_rest();

  engine::Server& server_;
  const engine::LoadRequest request_;
  LoadLedger& ledger_;
  const std::vector<value::SchemaObject>& objects_;
  const std::set<std::string> present_;
  base::Context& context_;
  std::vector<std::unique_ptr<engine::SchemaWriter>> writers_;  // one a worker, made in this thread
  std::set<const value::SchemaObject*> made_;  // by create_all()
  std::vector<std::string> left_behind_;
  std::mutex mutex_;
  std::map<value::TableName, Objects> indexes_;  // that come after the rows, and which the builders do not have yet
  std::unique_ptr<LoadBuilders> builders_;  // last: they use all else
};

}  // namespace flytt::task
