// The verdict over single rows.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_resolve.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/task/verify_example.hpp>

namespace flytt::task::compare {
namespace {

std::vector<std::string> names_of(const std::vector<Delta>& deltas) {
  std::vector<std::string> names;
  names.reserve(deltas.size());
  for (const Delta& d : deltas) names.push_back(d.name);
  return names;
}

RowState state_in(const States& states, const std::string& name) {
  const auto found = states.find(name);
  return found == states.end() ? RowState{} : found->second;
}

}  // namespace

DeltaResolver::DeltaResolver(Run& run, const TablePair& pair, RowLookup& lookup, LagWait& lag, TableResult& result,
                             std::uint64_t order)
    : run_(run), pair_(pair), lookup_(lookup), lag_(lag), result_(result), order_(order) {}

void DeltaResolver::add(Delta&& delta) {
  // In ranges of a key that both servers order alike, and with nobody writing, what was read is what is.
  const bool certain = pair_.walk != Walk::ranges || pair_.same_order;
  if (!run_.options.live && certain) {
    stand(delta);
    return;
  }
  open_.push_back(std::move(delta));
  if (open_.size() >= lookup_.batch()) settle();
}

void DeltaResolver::finish() {
  settle();
  describe();
}

void DeltaResolver::settle() {
  if (open_.empty()) return;
  if (run_.options.live) {
    lag_.reset();
    for (unsigned round = 0; round < run_.options.live_rounds && !open_.empty(); ++round) {
      const CaughtUp caught_up = lag_.wait();
      read_again(caught_up);
      if (caught_up == CaughtUp::late || caught_up == CaughtUp::stopped) break;  // more of the same would not decide it
    }
    result_.undecided += open_.size();
    if (!open_.empty() && !lag_.remark().empty()) result_.remarks.push_back(lag_.remark());
  } else {
    confirm_once();
  }
  open_.clear();
}

/// A key may lie in one range here and in another there when the servers order it differently: only its own row counts, and
/// of the two deltas that such a row has given, the source's.
void DeltaResolver::confirm_once() {
  const auto names = names_of(open_);
  const States target = lookup_.states(Side::target, pair_, names), source = lookup_.states(Side::source, pair_, names);
  for (Delta& d : open_) {
    const bool seen_on_source = d.source.count != 0;
    d.source = state_in(source, d.name);
    d.target = state_in(target, d.name);
    if (!(d.source == d.target) && (seen_on_source || d.source.count == 0)) stand(d);
  }
}

void DeltaResolver::read_again(CaughtUp caught_up) {
  const auto names = names_of(open_);
  const States target = lookup_.states(Side::target, pair_, names), source = lookup_.states(Side::source, pair_, names);
  std::vector<Delta> still_open;
  for (Delta& d : open_) {
    const RowState now = state_in(source, d.name);
    d.target = state_in(target, d.name);
    if (d.target == d.source || d.target == now) continue;
    d.still = d.source == now && (caught_up == CaughtUp::yes || caught_up == CaughtUp::unknown) ? d.still + 1 : 0;
    d.source = now;
    if (stands(d, caught_up)) {
      stand(d);
    } else {
      still_open.push_back(std::move(d));
    }
  }
  open_ = std::move(still_open);
}

bool DeltaResolver::stands(const Delta& delta, CaughtUp caught_up) const noexcept {
  if (caught_up == CaughtUp::yes) return delta.still >= 2;
  return delta.still >= run_.options.live_rounds;
}

void DeltaResolver::stand(const Delta& delta) {
  result_.count(delta);
  if (shown_.size() < run_.options.max_diffs) shown_.push_back(delta);
}

void DeltaResolver::describe() {
  // A scan for each row would be a scan too many; rows by key are read one by one, for they may be large.
  if (!pair_.sought && !shown_.empty()) {
    const auto names = names_of(shown_);
    const Images source = lookup_.images(Side::source, pair_, names), target = lookup_.images(Side::target, pair_, names);
    for (const Delta& d : shown_) result_.examples.push_back(make_example(pair_, d, source, target, order_));
    return;
  }
  for (const Delta& d : shown_) {
    const Images source = lookup_.images(Side::source, pair_, {d.name}), target = lookup_.images(Side::target, pair_, {d.name});
    result_.examples.push_back(make_example(pair_, d, source, target, order_));
  }
}

}  // namespace flytt::task::compare
