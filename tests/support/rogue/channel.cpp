// SPDX-License-Identifier: MIT
#include "channel.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace rogue {

TlsContext::TlsContext(const std::string& certificate, const std::string& key) : context_(SSL_CTX_new(TLS_server_method())) {
  if (SSL_CTX_use_certificate_file(context_, certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("cannot use " + certificate + " with " + key);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Channel::~Channel() {
  if (tls_ != nullptr) SSL_free(tls_);
  ::close(fd_);
}

int Channel::connect_to(const std::string& address, unsigned short port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd);
    throw std::runtime_error("cannot connect to the real server");
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

std::size_t Channel::read_some(char* to, std::size_t room) {
  const auto got = tls_ != nullptr ? static_cast<ssize_t>(SSL_read(tls_, to, static_cast<int>(std::min<std::size_t>(room, 1U << 20))))
                                   : ::recv(fd_, to, room, 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::string Channel::read(std::size_t bytes) {
  std::string out(bytes, '\0');
  for (std::size_t at = 0; at < bytes;) {
    const std::size_t got = read_some(out.data() + at, bytes - at);
    if (got == 0) throw Closed();
    at += got;
  }
  return out;
}

std::size_t Channel::read_rest(std::string& kept, std::size_t most) {
  char buffer[4096];
  std::size_t all = 0;
  while (const std::size_t got = read_some(buffer, sizeof buffer)) {
    all += got;
    kept.append(buffer, std::min(got, most - std::min(most, kept.size())));
  }
  return all;
}

void Channel::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = tls_ != nullptr ? static_cast<ssize_t>(SSL_write(tls_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20))))
                                      : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw Closed();
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Channel::accept_tls(const TlsContext& context) {
  tls_ = SSL_new(context.get());
  SSL_set_fd(tls_, fd_);
  if (SSL_accept(tls_) != 1) throw Closed();
}

bool Channel::pending() const { return tls_ != nullptr && SSL_pending(tls_) > 0; }

}  // namespace rogue
