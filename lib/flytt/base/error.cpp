// SPDX-License-Identifier: MIT
#include <flytt/base/error.hpp>

#include <flytt/base/text.hpp>

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
  return Error(std::move(block));
}

namespace {

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
    case EMFILE: return "raise the limit on open files (ulimit -n) or use fewer jobs";
    default: return {};
  }
}

}  // namespace

void throw_errno(std::string what, int err, std::source_location where) {
  Facts facts;
  facts.native = err;
  facts.hint = hint_for_errno(err);
  throw Error(exit_for_errno(err), concat(what, ": ", std::generic_category().message(err)), std::move(facts), where);
}

}  // namespace flytt::base
