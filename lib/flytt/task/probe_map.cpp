// io-probe map: each directory, its mount and the layers down to the disks.
// SPDX-License-Identifier: MIT
#include <flytt/task/probe.hpp>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/task/probe_places.hpp>

namespace flytt::task {
namespace {

using base::concat;

std::string text_of(const os::Layer& layer) {
  std::string out = concat(layer.name, "  ", layer.kind);
  if (!layer.label.empty()) out += "  " + layer.label;
  if (layer.bytes != 0) out += "  " + base::format_bytes(layer.bytes);
  if (layer.kind == "disk") out += layer.rotational ? "  rotating" : "  not rotating";
  if (!layer.detail.empty()) out += "  " + layer.detail;
  if (!layer.counted) out += "  (counts nothing)";
  if (!layer.problem.empty()) out += concat("  (", layer.problem, ')');
  return out;
}

struct Printer {
  Output& out;
  const std::string& role;

  void layer(const os::Layer& one, const std::string& above, unsigned depth, const std::string& indent) {
    out.line_always(concat(indent, "`- ", text_of(one)));
    out.event("layer", {{"role", role}, {"depth", depth}, {"above", above}, {"name", one.name}, {"device", one.device.text()}, {"kind", one.kind},
                        {"label", one.label}, {"detail", one.detail}, {"bytes", one.bytes}, {"rotational", one.rotational},
                        {"counted", one.counted}, {"problem", one.problem}});
    for (const auto& below : one.below) layer(below, one.name, depth + 1, indent + "   ");
  }
};

void print(const ProbePlace& place, Output& out) {
  out.line_always(concat(place.role, "  ", place.path, place.origin.empty() ? "" : concat("  (", place.origin, ')')));
  const bool found = place.mount.has_value();
  if (found) out.line_always(concat("   ", place.mount->point, "  ", place.mount->type, "  ", place.mount->source));
  out.event("place", {{"role", place.role}, {"path", place.path}, {"origin", place.origin}, {"mount", found ? place.mount->point : ""},
                      {"type", found ? place.mount->type : ""}, {"source", found ? place.mount->source : ""}, {"unknown", place.unknown}});
  Printer printer{out, place.role};
  for (const auto& device : place.devices) printer.layer(device, "", 0, "   ");
  if (!place.unknown.empty()) out.line_always(concat("   UNKNOWN: ", place.unknown));
}

}  // namespace

base::Exit probe_map(const ProbePlacesOptions& options, Output& out, const base::Context& ctx) {
  const os::KernelFiles files(options.proc_root);
  const ProbePlaces found = find_places(options, files, ctx);
  if (found.server_pid) {
    out.line_always(concat("server  ", options.db->display(), "  process ", *found.server_pid, ", proven to run here"));
    out.event("server", {{"url", options.db->display()}, {"pid", *found.server_pid}, {"here", true}});
  }
  bool all_known = true;
  for (const auto& place : found.places) {
    print(place, out);
    all_known = all_known && place.unknown.empty();
  }
  return all_known ? base::Exit::done : base::Exit::partial;
}

}  // namespace flytt::task
