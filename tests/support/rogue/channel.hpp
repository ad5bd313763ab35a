// A byte stream with a client or a server, plain or, from some byte on, TLS. A witness: it shares no code with flytt.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace rogue {

/// The other side is gone: the ordinary end of a session.
struct Closed : std::runtime_error {
  Closed() : std::runtime_error("closed") {}
};

/// Certificate and key that the TLS side shows.
class TlsContext {
 public:
  TlsContext(const std::string& certificate, const std::string& key);
  ~TlsContext();
  ssl_ctx_st* get() const { return context_; }

 private:
  ssl_ctx_st* context_ = nullptr;
};

class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  static int connect_to(const std::string& address, unsigned short port);

  std::string read(std::size_t bytes);  ///< exactly so many. Throws: Closed
  /// What comes until the other side closes; at most this much is kept, all of it is counted.
  std::size_t read_rest(std::string& kept, std::size_t most);
  void write(std::string_view bytes);  ///< Throws: Closed
  void accept_tls(const TlsContext& context);
  bool encrypted() const { return tls_ != nullptr; }
  /// Something can be read without waiting for the network.
  bool pending() const;
  int fd() const { return fd_; }

 private:
  std::size_t read_some(char* to, std::size_t room);

  int fd_;
  ssl_st* tls_ = nullptr;
};

}  // namespace rogue
