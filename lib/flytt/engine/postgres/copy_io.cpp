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

/// Of a COPY nobody knows beforehand how large a row is, except that the server cannot make one of more than 1 GiB.
constexpr std::uint64_t kMostOfOneRow = (std::uint64_t{1} << 30) + (std::uint64_t{64} << 20);
/// Without a row that comes: so long a copy that was cancelled may take to end, else its session does.
constexpr std::chrono::seconds kEndWithin{5};

void begin_copy(Connection& c, std::string_view sql, ExecStatusType expected) {
  if (PQsendQuery(c.raw(), c.as_sent(sql).c_str()) != 1) c.fail(nullptr, sql);
  Inbound in(c.raw(), c.endpoint(), kMostUncounted);
  const PgResult result = in.next();
  const auto status = PQresultStatus(result.get());
  if (status == expected) return;
  if (status != PGRES_FATAL_ERROR) {
    cut(c.raw());
    throw Error(Exit::unavailable, base::concat(c.endpoint(), ": the server answers a COPY with something else (", PQresStatus(status), ")"),
                {.statement = without_values(sql), .endpoint = c.endpoint(), .hint = "Is this a database server, or something that only looks like one?"});
  }
  while (in.next()) {
  }
  c.fail(result.get(), sql);
}

/// The count that the server gives at the end, after every further result has been taken.
std::uint64_t end_result(Connection& c, std::string_view sql) {
  std::uint64_t rows = 0;
  Inbound in(c.raw(), c.endpoint(), kMostUncounted);
  while (PgResult result = in.next()) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      std::exception_ptr why;
      try {
        c.fail(result.get(), sql);
      } catch (...) {
        why = std::current_exception();
      }
      while (in.next()) {
      }
      std::rethrow_exception(why);
    }
    rows = base::parse_u64(PQcmdTuples(result.get())).value_or(0);
  }
  return rows;
}

}  // namespace

CopyOut::CopyOut(Connection& c) : c_(c), in_(c.raw(), c.endpoint(), kMostOfOneRow) {}

CopyOut::~CopyOut() {
  PQfreemem(buffer_);
  // A copy that is left in the middle blocks its session: the server is told to stop, and what is under way is read off.
  if (!active_) return;
  try {
    c_.owner().cancel(c_);
    Inbound in(c_.raw(), c_.endpoint(), kMostUncounted);
    while (!in.lost()) {
      char* rest = nullptr;
      const int size = PQgetCopyData(c_.raw(), &rest, 1);
      PQfreemem(rest);
      if (size < 0) break;
      if (size == 0 && !in.wait_for(kEndWithin)) cut(c_.raw());
    }
    while (!in.lost() && in.next()) {
    }
  } catch (const base::Error&) {
    // Too much came, and the session is closed: who uses it next is told.
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
    if (message.substr(0, kHeader.size()) != kHeader) throw Error(Exit::unavailable, "what the server sends for COPY does not begin with the header of its binary form", {.endpoint = c_.endpoint()});
    message.remove_prefix(kHeader.size());
  }
  return message == kTrailer ? std::string_view() : message;
}

bool CopyOut::next(std::string_view& row) {
  for (;;) {
    PQfreemem(std::exchange(buffer_, nullptr));
    const int size = PQgetCopyData(c_.raw(), &buffer_, 1);
    if (size == 0 && !in_.lost()) {
      in_.wait();
      continue;
    }
    in_.taken();
    if (size == -1) {
      finish();
      return false;
    }
    if (size <= 0) {
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
  Inbound in(c_.raw(), c_.endpoint(), kMostUncounted);
  while (in.next()) {
  }
}

}  // namespace flytt::engine::postgres
