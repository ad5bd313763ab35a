// SPDX-License-Identifier: MIT
#include <flytt/base/error.hpp>

#include <flytt/base/text.hpp>

#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace flytt::base {

Error::Error(Exit code, std::string message, Facts facts, std::source_location where)
    : Error(Block{code, message, std::move(facts), {}, where, message}) {}

Error::Error(Block block) : block_(std::make_shared<const Block>(std::move(block))) {}

Error::~Error() = default;

const char* Error::what() const noexcept { return block_->text.c_str(); }

Error Error::within(std::string context) const {
  Block block = *block_;
  block.text = concat(block.text, ": ", context);
  block.context.push_back(std::move(context));
  return Error(std::move(block));
}

Error Error::with_hint(std::string hint) const {
  Block block = *block_;
  block.facts.hint = std::move(hint);
  block.facts.more_hints.clear();
  return Error(std::move(block));
}

Error Error::with_more_hint(std::string hint) const {
  if (block_->facts.hint.empty()) return with_hint(std::move(hint));
  Block block = *block_;
  block.facts.more_hints.push_back(std::move(hint));
  return Error(std::move(block));
}

std::vector<std::string> Error::hints() const {
  std::vector<std::string> all;
  if (!block_->facts.hint.empty()) all.push_back(block_->facts.hint);
  all.insert(all.end(), block_->facts.more_hints.begin(), block_->facts.more_hints.end());
  return all;
}

namespace {

constexpr std::string_view kMemoryHint =
    "Allow this program more memory (ulimit -v), or lower what it needs: fewer --jobs, or a smaller --chunk-size of dump-stream.";

Exit exit_for_errno(int err) noexcept {
  switch (err) {
    case EACCES:
    case EPERM: return Exit::privilege;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ETIMEDOUT: return Exit::unavailable;
    default: return Exit::io;
  }
}

std::string hint_for_errno(int err) {
  switch (err) {
    case ENOSPC: return "make room on that file system and run the same command again";
    case EDQUOT: return "the quota of this user is used up there";
    case ENOMEM: return std::string(kMemoryHint);
    case EAGAIN: return "Allow this user more threads (ulimit -u) and this program more memory (ulimit -v), or use fewer --jobs.";
    case EMFILE: return "raise the limit on open files of this process (ulimit -n; LimitNOFILE= of a unit), or use fewer --jobs";
    case ENFILE: return "the whole host is out of open files: raise fs.file-max (sysctl), or end what holds so many";
    default: return {};
  }
}

}  // namespace

Error as_error(const std::exception& exception) {
  if (const auto* ours = dynamic_cast<const Error*>(&exception)) return *ours;
  // A length that no string can have is memory that nobody has.
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr || dynamic_cast<const std::length_error*>(&exception) != nullptr)
    return Error(Exit::io, "out of memory", {.hint = std::string(kMemoryHint)});
  if (const auto* system = dynamic_cast<const std::system_error*>(&exception)) {  // such as a thread that cannot be started
    const int number = system->code().category() == std::generic_category() || system->code().category() == std::system_category()
                           ? system->code().value() : 0;
    return Error(Exit::io, system->what(), {.native = number, .hint = hint_for_errno(number)});
  }
  return Error(Exit::bug, concat("unexpected: ", exception.what()), {.hint = "This is a bug in flytt: please report it."});
}

void throw_errno(std::string what, int err, std::source_location where) {
  Facts facts;
  facts.native = err;
  facts.hint = hint_for_errno(err);
  throw Error(exit_for_errno(err), concat(what, ": ", std::generic_category().message(err)), std::move(facts), where);
}

}  // namespace flytt::base
