// Findings to messages.
// SPDX-License-Identifier: MIT
#include <flytt/task/findings.hpp>

#include <algorithm>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::task {
namespace {

std::string sentence(const engine::Finding& f) {
  // Most messages name their object themselves.
  return f.object.empty() || f.message.find(f.object) != std::string::npos ? f.message : f.object + ": " + f.message;
}

std::string sentence(const value::LeftOut& some) { return base::concat(count_text(some.names.size(), some.kind), ", ", some.reason); }

}  // namespace

void settle(const std::vector<engine::Finding>& findings, std::string_view what, base::Exit code, base::Log& log) {
  std::vector<std::string> sentences, remedies;
  bool privileges_only = true;
  for (const auto& f : findings) {
    if (!f.blocks) {
      log.warn(f.remedy.empty() ? sentence(f) : sentence(f) + "; " + f.remedy);
      continue;
    }
    sentences.push_back(sentence(f));
    if (!f.remedy.empty() && std::find(remedies.begin(), remedies.end(), f.remedy) == remedies.end())
      remedies.push_back(f.remedy);
    privileges_only = privileges_only && f.code.starts_with("privilege");
  }
  if (sentences.empty()) return;
  base::Error error(privileges_only ? base::Exit::privilege : code, base::concat(what, ": ", base::join(sentences, "; ")));
  for (auto& remedy : remedies) error = error.with_more_hint(std::move(remedy));
  throw error;
}

std::string count_text(std::size_t count, std::string_view kind) {
  const bool ies = kind.ends_with('y');
  return base::concat(count, " ", count == 1 ? kind : ies ? kind.substr(0, kind.size() - 1) : kind, count == 1 ? "" : ies ? "ies" : "s");
}

void show_left_out(const std::vector<value::LeftOut>& left_out, Output& out) {
  for (const auto& some : left_out) {
    out.line_always("left out: " + sentence(some));
    for (const auto& name : some.names) out.event("left_out", {{"kind", some.kind}, {"name", name}, {"reason", some.reason}});
  }
}

void tell_left_out(const std::vector<value::LeftOut>& left_out, base::Log& log, std::string_view what) {
  for (const auto& some : left_out) {
    log.warn(base::concat(what, ": ", sentence(some)));
    for (const auto& name : some.names) log.info(base::concat(what, ": ", some.kind, " ", name));
  }
}

std::size_t show(const std::vector<engine::Finding>& findings, Output& out) {
  std::size_t blocking = 0;
  for (const auto& f : findings) {
    if (f.blocks) ++blocking;
    out.marked(f.blocks ? Weight::blocks : Weight::warning, f.blocks ? "blocks: " : "note: ", base::concat(sentence(f), f.remedy.empty() ? "" : "; " + f.remedy));
    out.event("finding", {{"blocks", f.blocks}, {"code", f.code}, {"object", f.object}, {"message", f.message}, {"remedy", f.remedy}});
  }
  return blocking;
}

}  // namespace flytt::task
