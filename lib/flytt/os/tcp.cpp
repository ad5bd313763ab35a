// SPDX-License-Identifier: MIT
#include <flytt/os/tcp.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/os/stop_event.hpp>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <linux/tcp.h>

namespace flytt::os {

using base::concat;
using base::Error;
using base::Exit;

TcpAddress resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (status != 0) throw Error(Exit::unavailable, concat("the host ", base::quote_for_message(host), " is unknown: ", ::gai_strerror(status)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  TcpAddress out;
  char text[NI_MAXHOST] = "";
  ::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  out.text = text;
  out.bytes.assign(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen);
  out.loopback = out.text == "::1" || out.text.starts_with("127.");
  return out;
}

std::chrono::nanoseconds time_connect(const TcpAddress& address, std::chrono::nanoseconds limit, std::stop_token stop) {
  sockaddr_storage to{};
  std::memcpy(&to, address.bytes.data(), address.bytes.size());
  const UniqueFd fd(::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) base::throw_errno("cannot make a socket");
  const StopEvent stopped(stop);
  const auto begin = std::chrono::steady_clock::now();
  int error = 0;
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(address.bytes.size())) != 0) error = errno;
  if (error == EINPROGRESS) {
    pollfd both[2] = {{fd.get(), POLLOUT, 0}, {stopped.fd(), POLLIN, 0}};
    const int ready = ::poll(both, 2, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count()));
    if ((both[1].revents & POLLIN) != 0) throw Error(Exit::temporary, "stopped on request");
    if (ready == 0) {
      error = ETIMEDOUT;
    } else {
      socklen_t size = sizeof error;
      ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
  }
  const auto end = std::chrono::steady_clock::now();
  if (error != 0) {
    throw Error(Exit::unavailable, concat("cannot connect to ", address.text, ": ", std::generic_category().message(error)), {.native = error});
  }
  return end - begin;
}

std::optional<std::chrono::nanoseconds> shortest_round_trip(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  if (size < offsetof(tcp_info, tcpi_min_rtt) + sizeof info.tcpi_min_rtt) return std::nullopt;
  return std::chrono::microseconds(info.tcpi_min_rtt);
}

std::optional<std::uint64_t> received_bytes(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  if (size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) return std::nullopt;
  return info.tcpi_bytes_received;
}

bool peer_is_local(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  if (peer.ss_family == AF_UNIX) return true;
  if (peer.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr.s_addr) >> 24) == 127;
  if (peer.ss_family != AF_INET6) return false;
  const auto& address = reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address);
}

bool is_unix_socket(int descriptor) {
  sockaddr_storage mine{};
  socklen_t size = sizeof mine;
  return ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&mine), &size) == 0 && mine.ss_family == AF_UNIX;
}

}  // namespace flytt::os
