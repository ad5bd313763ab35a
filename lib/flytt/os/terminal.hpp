// The terminal and the process's own secrecy: asking for a password, and keeping it out of core dumps.
// Layer: os (1).  Thread rule: from main, before other threads.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace flytt::os {

/// Is this descriptor a terminal?
bool is_tty(int fd) noexcept;

/// Columns of the terminal behind the descriptor; nothing when it is none or will not say.
std::optional<unsigned> terminal_width(int fd) noexcept;

/// Asks on the controlling terminal, not on stdin, and shows nothing of what is typed.
/// Throws: Exit::config when there is no terminal or its input ends; Exit::temporary when stop is requested meanwhile (give it
/// SignalStop's token: the terminal is then put right again before a signal ends the program).
std::string ask_password(std::string_view prompt, std::stop_token stop = {});

/// No core dump of this process, and no attaching by others of the same user: passwords are in its memory.
/// Throws: Exit::bug when the kernel refuses.
void disable_core_dumps();

}  // namespace flytt::os
