// SPDX-License-Identifier: MIT
#include <flytt/task/probe_places.hpp>

#include <flytt/base/text.hpp>
#include <flytt/os/peer.hpp>

#include <algorithm>
#include <stop_token>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace flytt::task {
namespace {

using base::concat;
using base::Error;
using base::Exit;

constexpr const char* kNotHere = "io-probe looks at the disks of the host it runs on: run it on the server's host, as root or as the server's account.";

/// The same directory by its shortest name. In a recording the path need not exist.
std::string canonical(const std::string& path, const os::KernelFiles& files) {
  if (!files.live()) return path;
  std::error_code error;
  const auto out = std::filesystem::canonical(path, error);
  if (error) base::throw_errno("cannot use the directory " + base::quote_for_message(path), error.value());
  return out.string();
}

ProbePlace place_of(std::string role, const std::string& path, std::string origin, const os::KernelFiles& files) {
  ProbePlace out{.role = std::move(role), .path = canonical(path, files), .origin = std::move(origin), .mount = {}, .devices = {}, .unknown = {}};
  out.mount = os::find_mount(files, out.path);
  if (!out.mount) {
    out.unknown = "no mount holds it";
    return out;
  }
  for (const auto device : os::devices_of(files, *out.mount)) out.devices.push_back(os::describe_device(files, device));
  out.unknown = why_unknown(*out.mount, out.devices);
  return out;
}

/// Proves that the server's process is one of this host, and that it is this data directory that it works in. Which host a
/// name or an address belongs to proves nothing: tunnels, containers and two hosts with the same paths.
unsigned prove_local(engine::Storage& storage, const std::string& data, const std::string& server, const os::KernelFiles& files) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Exit::partial, concat(server, " is not proven to run on this host: ", why), {.hint = kNotHere});
  };
  const os::Peer peer = os::peer_of(files, storage.descriptor());
  if (!peer.pid) refuse(peer.why_not);
  std::error_code error;
  if (!std::filesystem::is_directory(data, error)) refuse(concat("its data directory ", data, " is not here, or not to be looked at"));
  if (!os::works_in(*peer.pid, data) && !os::holds_lock(files, *peer.pid, storage.locked_file())) {
    refuse(concat("process ", *peer.pid, " at the other end of the connection does not work in ", data,
                  " (a tunnel, a proxy, a container, or no permission to see)"));
  }
  return *peer.pid;
}

void ask_server(const engine::Endpoint& endpoint, ProbePlaces& out, const os::KernelFiles& files, const base::Context& ctx) {
  if (!files.live()) throw Error(Exit::usage, "--db and --proc-root exclude each other: a server is asked on the host that it runs on");
  out.server = engine::open(endpoint, ctx);
  const std::stop_callback cancel(ctx.stop, [&] { out.server->cancel_all(); });
  out.storage = out.server->storage();
  const auto named = out.storage->places();
  if (named.empty()) throw Error(Exit::partial, endpoint.display() + " does not say where its files are");
  out.server_pid = prove_local(*out.storage, named.front().path, endpoint.display(), files);
  for (const auto& one : named) {
    const bool again = std::any_of(out.places.begin(), out.places.end(), [&](const ProbePlace& p) { return p.role == one.role && p.path == one.path; });
    if (!again) out.places.push_back(place_of(one.role, one.path, one.origin, files));
  }
}

}  // namespace

std::string why_unknown(const os::Mount& mount, const std::vector<os::Layer>& devices) {
  if (const auto blind = os::blind_spot(mount); !blind.empty()) return blind;
  if (devices.empty()) return mount.type + " names no block device";
  for (const auto& top : devices) {
    for (const auto* layer : os::all_layers(top)) {
      if (!layer->problem.empty()) return layer->name + ": " + layer->problem;
      if (!layer->counted) return layer->name + " counts nothing: its queue/iostats is 0";
      if (layer->kind == "memory") return layer->name + " is memory: it says nothing about a disk";
    }
  }
  return {};
}

ProbePlaces find_places(const ProbePlacesOptions& options, const os::KernelFiles& files, const base::Context& ctx) {
  ProbePlaces out;
  if (!options.dir.empty()) out.places.push_back(place_of("data", options.dir, "--dir", files));
  for (const auto& [role, path] : options.roles) out.places.push_back(place_of(role, path, "--role", files));
  if (options.db) ask_server(*options.db, out, files, ctx);
  if (out.places.empty()) {
    throw Error(Exit::usage, "the directory is missing", {.hint = "Name one with --dir DIR, several with --role NAME=DIR, or a server with --db URL."});
  }
  return out;
}

}  // namespace flytt::task
