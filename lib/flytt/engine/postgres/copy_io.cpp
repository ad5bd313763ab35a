// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/copy_io.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <exception>
#include <utility>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;
using namespace std::string_view_literals;

/// Signature, no flags, no extension.
constexpr std::string_view kHeader = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"sv;
constexpr std::string_view kTrailer = "\377\377"sv;
static_assert(kHeader.size() == 19);

/// libpq takes an int; and a message is sent as soon as it is large enough.
constexpr std::size_t kPiece = 1U << 20;

PgResult begin_copy(Connection& c, std::string_view sql, ExecStatusType expected) {
  PgResult result(PQexec(c.raw(), std::string(sql).c_str()));
  if (PQresultStatus(result.get()) != expected) c.fail(result.get(), sql);
  return result;
}

/// The count that the server gives at the end, after every further result has been taken.
std::uint64_t end_result(Connection& c, std::string_view sql) {
  std::uint64_t rows = 0;
  while (PgResult result{PQgetResult(c.raw())}) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      std::exception_ptr why;
      try {
        c.fail(result.get(), sql);
      } catch (...) {
        why = std::current_exception();
      }
      while (const PgResult rest{PQgetResult(c.raw())}) {
      }
      std::rethrow_exception(why);
    }
    rows = base::parse_u64(PQcmdTuples(result.get())).value_or(0);
  }
  return rows;
}

}  // namespace

CopyOut::~CopyOut() {
  PQfreemem(buffer_);
  // A copy that is left in the middle blocks its session: the server is told to stop, and what is under way is read off.
  if (!active_) return;
  if (PGcancel* request = PQgetCancel(c_.raw()); request != nullptr) {
    char unused[256];
    PQcancel(request, unused, sizeof unused);
    PQfreeCancel(request);
  }
  char* rest = nullptr;
  while (PQgetCopyData(c_.raw(), &rest, 0) > 0) PQfreemem(rest);
  while (const PgResult result{PQgetResult(c_.raw())}) {
  }
}

void CopyOut::start(std::string_view sql, CopyForm form) {
  form_ = form;
  rows_ = 0;
  first_ = true;
  begin_copy(c_, sql, PGRES_COPY_OUT);
  active_ = true;
}

/// The header comes in front of the first row or, of no rows, alone with the trailer.
std::string_view CopyOut::without_frame(std::string_view message) {
  if (form_ == CopyForm::text) return message;
  if (first_) {
    first_ = false;
    if (message.substr(0, kHeader.size()) != kHeader) throw Error(Exit::bug, "COPY does not begin with its binary header");
    message.remove_prefix(kHeader.size());
  }
  return message == kTrailer ? std::string_view() : message;
}

bool CopyOut::next(std::string_view& row) {
  for (;;) {
    PQfreemem(std::exchange(buffer_, nullptr));
    const int size = PQgetCopyData(c_.raw(), &buffer_, 0);
    if (size == -1) {
      finish();
      return false;
    }
    if (size < 0) {
      active_ = false;
      c_.fail(nullptr, "COPY");
    }
    row = without_frame(std::string_view(buffer_, static_cast<std::size_t>(size)));
    if (row.empty()) continue;
    ++rows_;
    return true;
  }
}

void CopyOut::finish() {
  active_ = false;
  const auto said = end_result(c_, "COPY");
  if (said != rows_) throw Error(Exit::unavailable, base::concat("the server says that it sent ", said, " rows, and ", rows_, " came"), {.endpoint = c_.endpoint()});
}

void CopyIn::start(std::string_view sql, CopyForm form) {
  sql_ = sql;
  form_ = form;
  begin_copy(c_, sql, PGRES_COPY_IN);
  active_ = true;
  if (form_ == CopyForm::binary) write(kHeader);
}

void CopyIn::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, kPiece);
    if (PQputCopyData(c_.raw(), piece.data(), static_cast<int>(piece.size())) != 1) {
      active_ = false;
      c_.fail(nullptr, sql_);
    }
    bytes.remove_prefix(piece.size());
  }
}

bool CopyIn::answered() const noexcept {
  pollfd answer{PQsocket(c_.raw()), POLLIN, 0};
  return ::poll(&answer, 1, 0) > 0;
}

std::uint64_t CopyIn::finish() {
  if (form_ == CopyForm::binary) write(kTrailer);
  active_ = false;
  if (PQputCopyEnd(c_.raw(), nullptr) != 1) c_.fail(nullptr, sql_);
  return end_result(c_, sql_);
}

void CopyIn::abort() {
  active_ = false;
  if (PQputCopyEnd(c_.raw(), "the loader gave up") != 1) c_.fail(nullptr, sql_);
  while (const PgResult result{PQgetResult(c_.raw())}) {
  }
}

}  // namespace flytt::engine::postgres
