// SPDX-License-Identifier: MIT
#include <flytt/task/verify_numbers.hpp>

#include <map>

#include <flytt/base/text.hpp>

namespace flytt::task::compare {
namespace {

bool behind(const engine::NumberState& source, const engine::NumberState& target) {
  if (source.last == target.last) return source.called && !target.called;
  return (target.last < source.last) == source.up;
}

std::string shown(const engine::NumberState& s) { return base::concat(s.last, s.called ? "" : ", not yet given out,"); }

}  // namespace

std::vector<SchemaDifference> numbers_behind(const std::vector<engine::NumberState>& source, const std::vector<engine::NumberState>& target) {
  std::map<value::TableName, const engine::NumberState*> there;
  for (const auto& state : target) there[state.name] = &state;
  std::vector<SchemaDifference> out;
  for (const auto& state : source) {
    const auto found = there.find(state.name);
    if (found == there.end() || !behind(state, *found->second)) continue;
    out.push_back({"sequence " + state.name.display(), base::concat("is behind: ", shown(state), " on the source, ", shown(*found->second), " on the target")});
  }
  return out;
}

}  // namespace flytt::task::compare
