// The client library's own handler opens whatever file a server names. Ours replaces it before the handle connects and stays.
// The library's switch (MYSQL_OPT_LOCAL_INFILE) is no guard: an option file turns it on, and where it is off the library answers
// by itself and nobody learns which file was asked for. So it decides only what is offered to the server when a session is opened
// (nothing, except for a loader's), and then whether the handler is asked; the handler is what refuses.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/local_data.hpp>

#include <mysql.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::size_t kShownBytes = 256;  ///< of a name that a server made up
constexpr int kRefused = 2000;            ///< the library's own "unknown error": our sentence is made by who sees refused()

}  // namespace

/// Called by the C client in the middle of a statement: none may throw.
struct LocalData::Callbacks {
  static int open(void** state, const char* name, void* user) noexcept {
    auto& self = *static_cast<LocalData*>(user);
    *state = user;
    self.left_ = {};
    if (self.lent_ && name == kName) {
      self.left_ = *std::exchange(self.lent_, std::nullopt);
      return 0;
    }
    try {
      self.refused_ = std::string(name, ::strnlen(name, kShownBytes));
    } catch (const std::exception&) {
      self.refused_.emplace();  // no memory for the name: refused all the same
    }
    return 1;
  }
  static int read(void* state, char* to, unsigned room) noexcept {
    auto& left = static_cast<LocalData*>(state)->left_;
    const std::size_t n = std::min<std::size_t>(room, left.size());
    std::memcpy(to, left.data(), n);
    left.remove_prefix(n);
    return static_cast<int>(n);
  }
  static void end(void* state) noexcept {
    if (state != nullptr) static_cast<LocalData*>(state)->left_ = {};
  }
  static int error(void*, char* message, unsigned room) noexcept {
    constexpr std::string_view kText = "no local file is sent";
    const std::size_t n = std::min<std::size_t>(room == 0 ? 0 : room - 1, kText.size());
    if (room != 0) {
      std::memcpy(message, kText.data(), n);
      message[n] = '\0';
    }
    return kRefused;
  }
};

void LocalData::guard(st_mysql* handle, Offer offered) {
  handle_ = handle;
  mysql_set_local_infile_handler(handle_, Callbacks::open, Callbacks::read, Callbacks::end, Callbacks::error, this);
  const unsigned offer = offered == Offer::load_data ? 1 : 0;
  mysql_options(handle_, MYSQL_OPT_LOCAL_INFILE, &offer);
}

void LocalData::guard_again() {
  mysql_set_local_infile_handler(handle_, Callbacks::open, Callbacks::read, Callbacks::end, Callbacks::error, this);
  const unsigned ask_the_handler = 1;
  mysql_options(handle_, MYSQL_OPT_LOCAL_INFILE, &ask_the_handler);
}

LocalData::Lending::Lending(LocalData& owner, std::string_view text) : owner_(owner) { owner_.lent_ = text; }

LocalData::Lending::~Lending() {
  owner_.lent_.reset();
  owner_.left_ = {};
}

}  // namespace flytt::engine::mysql_family
