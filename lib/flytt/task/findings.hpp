// What checks found, said once: warnings to the log, what blocks as one error that names all of it.
// Layer: task (5).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/engine/server.hpp>
#include <flytt/task/output.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::task {

/// Logs the findings that do not block, and throws one Error for those that do, each with its remedy in the hint.
/// `what` opens its sentence: "cannot load into mysql://db2". Throws: `code`; Exit::privilege when all that blocks are privileges.
void settle(const std::vector<engine::Finding>& findings, std::string_view what, base::Exit code, base::Log& log);

/// Says all of them as an answer, one a line; the number of those that block.
std::size_t show(const std::vector<engine::Finding>& findings, Output& out);

/// "1 view", "12 tables": for messages.
std::string count_text(std::size_t count, std::string_view kind);

/// Says what a copy leaves behind: one line a kind and reason in the answer, and each by name in its records.
void show_left_out(const std::vector<value::LeftOut>& left_out, Output& out);
/// The same to the log, after `what`; each by name where details are wanted.
void tell_left_out(const std::vector<value::LeftOut>& left_out, base::Log& log, std::string_view what = "left out");

}  // namespace flytt::task
