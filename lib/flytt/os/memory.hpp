// The process's own memory: what a program that runs for days need not keep.
// Layer: os (1).  Thread rule: any thread.
// SPDX-License-Identifier: MIT
#pragma once

namespace flytt::os {

/// Takes out of this process the pages of code and constants that only its start has touched: libraries that were
/// initialised and are not called again. What is used later is mapped again, from the page cache, at its next use.
/// Only segments that are never written are touched (PT_LOAD without PF_W); a refusal of the kernel changes nothing.
void release_unused_code() noexcept;

}  // namespace flytt::os
