// Definitions of both servers while one follows the other: compared by the code of verify-rows, so that a switchover and a comparison
// cannot come to two verdicts.
// SPDX-License-Identifier: MIT
#include <flytt/task/replicate_parts.hpp>

#include <set>

#include <flytt/base/text.hpp>
#include <flytt/task/verify_schema.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using base::Exit;

namespace {

constexpr std::size_t kMostDifferences = 20;  // then they are counted
constexpr std::string_view kNotCarried = "The channel does not carry definitions: make the same change on the target, or copy again.";
constexpr std::string_view kCarried = "Somebody has changed one of the two by hand: make them alike, or copy again.";

class Differences {
 public:
  Differences(bool carried, std::vector<RoleFinding>& out) : carried_(carried), out_(out) {}

  /// From now on nothing blocks.
  void only_warn() { warn_ = true; }
  void say(bool blocks, const char* code, const std::string& object, const std::string& what) {
    if (!said_.insert(object).second) return;
    blocks = blocks && !warn_;
    blocking_ = blocking_ || blocks;
    if (++found_ <= kMostDifferences) out_.push_back({"target", {blocks, code, object, concat(object, " ", what), std::string(carried_ ? kCarried : kNotCarried)}});
  }
  void end() {
    if (found_ > kMostDifferences)
      out_.push_back({"target", {blocking_, "definition-differs", "", concat("and ", found_ - kMostDifferences, " more differences of definitions"), "verify-rows --schema names them all."}});
  }

 private:
  bool carried_;
  bool blocking_ = false, warn_ = false;
  std::set<std::string> said_;
  std::vector<RoleFinding>& out_;
  std::size_t found_ = 0;
};

/// What an account may see that may not see definitions.
void compare_outlines(Pair& pair, const value::Scope& scope, Differences& differences) {
  const auto theirs = pair.old_side->fixed_definitions(scope), ours = pair.new_side->fixed_definitions(scope);
  auto a = theirs.begin();
  auto b = ours.begin();
  while (a != theirs.end() || b != ours.end()) {
    const int order = a == theirs.end() ? 1 : b == ours.end() ? -1 : a->object.compare(b->object);
    if (order < 0) differences.say(a->must_agree, "definition-missing", a->object, "is on the source and not on the target");
    else if (order > 0) differences.say(false, "definition-extra", b->object, "is on the target and not on the source");
    else if (a->definition != b->definition) differences.say(a->must_agree, "definition-differs", a->object, concat("differs: ", a->definition, " on the source, ", b->definition, " on the target"));
    if (order <= 0) ++a;
    if (order >= 0) ++b;
  }
}

/// One that is only on the target and decides about no write and no row.
bool harmless(std::string_view object) { return object.starts_with("index ") || object.starts_with("statistics ") || object.starts_with("database "); }

void compare_whole(engine::Catalog& source, engine::Catalog& target, const value::Scope& scope, bool names_differ, Differences& differences) {
  const engine::Contents from = source.contents(scope);
  engine::Contents to = target.contents(scope);
  // Where a session sees one database, two names may stand for the same.
  if (names_differ && from.databases.size() == 1 && to.databases.size() == 1) to.databases.front().name = from.databases.front().name;
  const auto matched = compare::match_tables(from, to, {});
  for (const auto& name : matched.missing) differences.say(true, "definition-missing", "table " + name.display(), "is on the source and not on the target");
  for (const auto& name : matched.extra) differences.say(false, "definition-extra", "table " + name.display(), "is on the target and not on the source");
  for (const auto& d : compare::compare_schemas(source, from, target, to, matched, compare::Texts::compare)) {
    const bool extra = d.text == compare::kOnlyOnTarget, missing = d.text == compare::kMissingOnTarget;
    if (missing) differences.say(true, "definition-missing", d.object, "is on the source and not on the target");
    else if (extra) differences.say(!harmless(d.object), "definition-extra", d.object, "is on the target and not on the source");
    else differences.say(!d.object.starts_with("database "), "definition-differs", d.object, "differs: " + d.text);
  }
}

bool may_compare(engine::Catalog* catalog, const value::Scope& scope) { return catalog != nullptr && catalog->missing_to_compare(scope).empty(); }

}  // namespace

void compare_definitions(Pair& pair, const value::Scope& scope, Definitions definitions, std::vector<RoleFinding>& out) {
  const bool carried = pair.old_side->carries_definitions();
  Differences differences(carried, out);
  const auto source = pair.source.catalog(), target = pair.target.catalog();
  const bool whole = pair.source.identity().product == pair.target.identity().product && may_compare(source.get(), scope) && may_compare(target.get(), scope);
  // To begin to follow it is enough that rows find their tables; what else differs can be mended until the switchover.
  if (definitions == Definitions::may_be_under_way || !whole) compare_outlines(pair, scope, differences);
  if (definitions == Definitions::may_be_under_way) differences.only_warn();
  if (whole) compare_whole(*source, *target, scope, pair.source.identity().settings.contains("database"), differences);
  else if (source)
    out.push_back({"target", {false, "definitions-unseen", "", "definitions were compared in outline only: one of the two accounts may not see them all", "Compare them with verify-rows before the switchover."}});
  differences.end();
}

}  // namespace flytt::task
