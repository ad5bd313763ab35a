// SPDX-License-Identifier: MIT
#include <flytt/plan/disk_rates.hpp>

#include <algorithm>

namespace flytt::plan {
namespace {

constexpr std::uint64_t kWrap = std::uint64_t{1} << 32;

/// Times are unsigned int in the kernel, on every machine.
double since_ms(std::uint64_t before, std::uint64_t after) {
  return static_cast<double>(static_cast<std::uint32_t>(after) - static_cast<std::uint32_t>(before));
}

/// Counts are unsigned long: they wrap at 32 bits on a 32-bit kernel. Nothing when they went back for another reason.
std::optional<double> since(std::uint64_t before, std::uint64_t after) {
  if (after >= before) return static_cast<double>(after - before);
  if (before < kWrap && before - after > kWrap / 2) return static_cast<double>(after + kWrap - before);
  return std::nullopt;
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

}  // namespace

DiskRates rates_between(const os::DiskCounters& a, const std::optional<os::DiskCounters>& after, double seconds, bool same_disk) {
  DiskRates out;
  out.seconds = seconds;
  const auto unknown = [&out](const char* why) {
    out.unknown = why;
    return out;
  };
  if (!after) return unknown("the device is gone");
  if (!same_disk) return unknown("the device was made anew");
  if (!(seconds > 0)) return unknown("the clock did not advance");
  const auto& b = *after;
  const auto reads = since(a.reads, b.reads), writes = since(a.writes, b.writes), discards = since(a.discards, b.discards);
  const auto read = since(a.read_sectors, b.read_sectors), written = since(a.write_sectors, b.write_sectors);
  const auto flushes = since(a.flushes, b.flushes);
  if (!reads || !writes || !discards || !read || !written || !flushes) return unknown("its counters went back: the device was made anew");
  const double read_ms = since_ms(a.read_ms, b.read_ms), write_ms = since_ms(a.write_ms, b.write_ms);
  const double discard_ms = since_ms(a.discard_ms, b.discard_ms), busy_ms = since_ms(a.busy_ms, b.busy_ms);
  // No disk is busy for longer than the time that passed; twice leaves room for a reading that was late.
  if (busy_ms > 2000 * seconds + 1000) return unknown("its counters jumped: the device was made anew");
  const double requests = *reads + *writes + *discards;
  out.reads = *reads / seconds, out.writes = *writes / seconds, out.flushes = *flushes / seconds;
  out.read_bytes = *read * 512 / seconds, out.write_bytes = *written * 512 / seconds;
  out.read_await_ms = ratio(read_ms, *reads), out.write_await_ms = ratio(write_ms, *writes);
  out.await_ms = ratio(read_ms + write_ms + discard_ms, requests);
  if (b.fields >= 17 && *flushes > 0) out.flush_await_ms = since_ms(a.flush_ms, b.flush_ms) / *flushes;
  out.request_bytes = ratio((*read + *written) * 512, *reads + *writes);
  out.queue = since_ms(a.weighted_ms, b.weighted_ms) / (seconds * 1000);
  out.in_flight = b.in_flight;
  out.util_raw = 100 * busy_ms / (seconds * 1000);
  out.stalled = a.in_flight > 0 && b.in_flight > 0 && requests == 0 && *flushes == 0;
  out.util = std::min(out.util_raw, 100.0);
  // The queue's time is added when requests end: with requests longer than the sample it says nothing about this one.
  // Without one that ended it says nothing either, as long as any is under way.
  const bool told = requests > 0 ? out.await_ms < seconds * 100 : a.in_flight + b.in_flight == 0;
  if (told) out.util = std::min(out.util, 100 * out.queue);
  if (out.stalled) out.util = 100;
  return out;
}

}  // namespace flytt::plan
