// SPDX-License-Identifier: MIT
#include <flytt/os/peer.hpp>

#include <flytt/base/text.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace flytt::os {
namespace {

using base::concat;

/// An address as /proc/net/tcp and tcp6 write it: the words of the address as this machine's numbers, and the port.
struct NetAddress {
  std::string v4;  ///< empty for an address that has no form of four bytes
  std::string v6;
};

std::string hex_words(const unsigned char* bytes, int words, unsigned port) {
  std::string out;
  char text[16];
  for (int i = 0; i < words; ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + 4 * i, 4);
    std::snprintf(text, sizeof text, "%08X", word);
    out += text;
  }
  std::snprintf(text, sizeof text, ":%04X", port);
  return out + text;
}

NetAddress written(const sockaddr_storage& address) {
  NetAddress out;
  std::array<unsigned char, 16> bytes{};
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(bytes.data() + 12, &in.sin_addr, 4);
    out.v4 = hex_words(bytes.data() + 12, 1, ntohs(in.sin_port));
    out.v6 = hex_words(bytes.data(), 4, ntohs(in.sin_port));
  } else if (address.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(bytes.data(), &in.sin6_addr, 16);
    out.v6 = hex_words(bytes.data(), 4, ntohs(in.sin6_port));
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) out.v4 = hex_words(bytes.data() + 12, 1, ntohs(in.sin6_port));
  }
  return out;
}

/// The inode of the socket whose own address is `theirs` and whose peer is `ours`.
std::string socket_inode(const KernelFiles& files, std::string_view path, const std::string& theirs, const std::string& ours) {
  if (theirs.empty() || ours.empty()) return {};
  const auto text = files.read(path);
  if (!text) return {};
  const std::string both = concat(' ', theirs, ' ', ours, ' ');
  const auto at = text->find(both);
  if (at == std::string::npos) return {};
  const std::string_view rest = std::string_view(*text).substr(at + both.size(), 200);
  // state, queues, timer, retransmissions, uid, timeout, inode
  std::string inode;
  int word = 0;
  for (const auto part : base::split(rest.substr(0, rest.find('\n')), ' ')) {
    if (!part.empty() && ++word == 7) inode = part;
  }
  return inode;
}

std::optional<unsigned> holder_of(const KernelFiles& files, const std::string& inode, bool& all_seen) {
  const std::string wanted = concat("socket:[", inode, ']');
  for (const std::string& name : files.list("/proc")) {
    const auto pid = base::parse_u64(name);
    if (!pid) continue;
    const std::string directory = concat("/proc/", name, "/fd");
    if (::access(directory.c_str(), R_OK | X_OK) != 0) {
      all_seen = false;
      continue;
    }
    for (const std::string& fd : files.list(directory)) {
      char target[64];
      const ssize_t n = ::readlink(concat(directory, '/', fd).c_str(), target, sizeof target);
      if (n > 0 && std::string_view(target, static_cast<std::size_t>(n)) == wanted) return static_cast<unsigned>(*pid);
    }
  }
  return std::nullopt;
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat x{}, y{};
  return ::stat(a.c_str(), &x) == 0 && ::stat(b.c_str(), &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

unsigned parent_of(unsigned pid) {
  const auto text = KernelFiles().read(concat("/proc/", pid, "/stat")).value_or("");
  const auto close = text.rfind(')');
  if (close == std::string::npos || close + 4 >= text.size()) return 0;
  const auto rest = std::string_view(text).substr(close + 4);
  return static_cast<unsigned>(base::parse_u64(rest.substr(0, rest.find(' '))).value_or(0));
}

}  // namespace

Peer peer_of(const KernelFiles& files, int descriptor) {
  sockaddr_storage mine{}, theirs{};
  socklen_t size = sizeof mine, peer_size = sizeof theirs;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&mine), &size) != 0 ||
      ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&theirs), &peer_size) != 0) {
    return {std::nullopt, "its session has no socket"};
  }
  if (mine.ss_family == AF_UNIX) {
    ucred who{};
    socklen_t length = sizeof who;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0 && who.pid > 0) return {static_cast<unsigned>(who.pid), {}};
    return {std::nullopt, "the kernel does not say who listens on its socket"};
  }
  const NetAddress ours = written(mine);
  const NetAddress other = written(theirs);
  std::string inode = socket_inode(files, "/proc/net/tcp", other.v4, ours.v4);
  if (inode.empty()) inode = socket_inode(files, "/proc/net/tcp6", other.v6, ours.v6);
  if (inode.empty()) return {std::nullopt, "the other end of the connection is not on this host"};
  bool all_seen = true;
  if (const auto pid = holder_of(files, inode, all_seen)) return {pid, {}};
  return {std::nullopt, all_seen ? "no process here holds the other end of the connection" : "no permission to see which process holds the other end of the connection"};
}

bool works_in(unsigned pid, const std::string& directory) {
  if (same_file(concat("/proc/", pid, "/cwd"), directory)) return true;
  const unsigned parent = parent_of(pid);
  return parent > 1 && same_file(concat("/proc/", parent, "/cwd"), directory);
}

bool holds_lock(const KernelFiles& files, unsigned pid, const std::string& file) {
  struct stat status{};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return false;
  char wanted[64];
  std::snprintf(wanted, sizeof wanted, " %u %02x:%02x:%llu ", pid, major(status.st_dev), minor(status.st_dev),
                static_cast<unsigned long long>(status.st_ino));
  return files.read("/proc/locks").value_or("").find(wanted) != std::string::npos;
}

}  // namespace flytt::os
