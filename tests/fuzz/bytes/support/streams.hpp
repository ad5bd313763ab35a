// Reads a whole stream as load-stream does, and holds what was read against itself.
// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace flytt::fuzz {

/// Reader, decoder, --list, --check and --print. A stream that is accepted is written again and must read as the same.
/// Throws what they throw.
void read_stream(std::string_view stream);

}  // namespace flytt::fuzz
