// SPDX-License-Identifier: MIT
#include <flytt/base/log.hpp>

#include <flytt/base/text.hpp>

namespace flytt::base {

std::string_view name(Level level) noexcept {
  switch (level) {
    case Level::error: return "error";
    case Level::warn: return "warn";
    case Level::info: return "info";
    case Level::debug: return "debug";
    case Level::trace: return "trace";
  }
  return "unknown";
}

std::string to_text(const FieldValue& value) {
  return std::visit([](const auto& v) { return concat(v); }, value.variant());
}

Log::~Log() = default;

bool Log::enabled(Level) const { return true; }

void NullLog::write(Level, std::string_view, std::string_view, const Fields&) {}

bool NullLog::enabled(Level) const { return false; }

void MemoryLog::write(Level level, std::string_view event, std::string_view text, const Fields& fields) {
  std::lock_guard lock(mutex_);
  records_.push_back({level, std::string(event), std::string(text), fields});
}

std::vector<MemoryLog::Record> MemoryLog::records() const {
  std::lock_guard lock(mutex_);
  return records_;
}

bool MemoryLog::has(std::string_view needle) const {
  std::lock_guard lock(mutex_);
  for (const Record& record : records_) {
    if (record.event == needle || record.text.find(needle) != std::string::npos) return true;
  }
  return false;
}

}  // namespace flytt::base
