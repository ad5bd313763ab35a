// Server URLs.
// SPDX-License-Identifier: MIT
#include <flytt/base/error.hpp>
#include <flytt/engine/endpoint.hpp>

#include "support/catch.hpp"

using flytt::engine::parse_url;

TEST_CASE("a URL comes apart") {
  const auto e = parse_url("mysql://app%40x:p%3Aw@db1:3307/shop?ssl-mode=required&socket=/a%20b");
  CHECK(e.scheme == "mysql");
  CHECK(e.user == "app@x");
  CHECK(e.password == "p:w");
  CHECK(e.has_password);
  CHECK(e.host == "db1");
  CHECK(e.port == 3307);
  CHECK(e.database == "shop");
  CHECK(e.param("ssl-mode") == "required");
  CHECK(e.param("socket") == "/a b");
  CHECK(e.display().find("p:w") == std::string::npos);
}

TEST_CASE("IPv6, nothing at all, and what is local") {
  CHECK(parse_url("mysql://[::1]:3306/").host == "::1");
  CHECK(parse_url("mysql://").host.empty());
  CHECK(parse_url("mysql://").local());
  CHECK(parse_url("mysql://127.0.0.2/").local());
  CHECK(parse_url("mysql://localhost").local());
  CHECK_FALSE(parse_url("mysql://db1").local());
  CHECK_FALSE(parse_url("mysql://127.example.org").local());
}

TEST_CASE("a password among the parameters is one, and shown as little as any") {
  const auto e = parse_url("postgres://u@h/d?password=s3cret&sslmode=require");
  CHECK(e.password == "s3cret");
  CHECK(e.has_password);
  CHECK(e.params.size() == 1);
  CHECK(e.display().find("s3cret") == std::string::npos);
  CHECK(parse_url("postgres://u:first@h/d?password=s3cret").password == "first");
}

TEST_CASE("a URL that is refused shows no part of a password") {
  for (const char* url : {"u:s3cret@h/d", "mysql:/u:s3cret@h/d", "mysql://u:s3/s3cret@h/d", "mysql://u:s3cret/s@h/d", "mysql://u:s?s3cret@h/d", "mysql://u:s3cret@h:port/d"}) {
    INFO(url);
    try {
      parse_url(url);
      FAIL("was taken");
    } catch (const flytt::base::Error& error) {
      CHECK(error.text().find("s3") == std::string::npos);
    }
  }
  CHECK_THROWS_WITH(parse_url("db1"), "server URL: 'db1' does not begin with scheme://");
}

TEST_CASE("only what no name server decides about is this host") {
  for (const char* host : {"", "localhost", "127.0.0.1", "127.255.0.9", "::1", "/var/run/postgresql"}) CHECK(flytt::engine::is_local_host(host));
  for (const char* host : {"127.evil.example", "127.0.0.1.evil.example", "127.0.0.1.5", "127.1", "127.", "127.0.0.256", "127.0.0.0001", "1127.0.0.1", "::1.example",
                           "localhost.example", "128.0.0.1", "0x7f.0.0.1", "127.0.0.1,db1"})
    CHECK_FALSE(flytt::engine::is_local_host(host));
}

TEST_CASE("a list of hosts is local when all are, and an address overrules a name") {
  CHECK(parse_url("postgres:///?host=/run/a,127.0.0.1,localhost").local());
  CHECK_FALSE(parse_url("postgres:///?host=/run/a,db1").local());
  CHECK_FALSE(parse_url("postgres:///?host=127.0.0.1,db1").local());
  CHECK_FALSE(parse_url("postgres://localhost/?hostaddr=192.0.2.7").local());
  CHECK(parse_url("postgres://localhost/?hostaddr=127.0.0.1").local());
}

TEST_CASE("what is no URL is refused") {
  for (const char* url : {"", "db1", "://x", "mysql:/x", "mysql://h:0", "mysql://h:65536", "mysql://h:x", "mysql://[::1", "mysql://%zz",
                          "mysql://a%00b/", "mysql://h/?x"})
    CHECK_THROWS_AS(parse_url(url), flytt::base::Error);
}

TEST_CASE("what is shown of a URL leads to the same server") {
  for (const char* url : {"mysql://app%40x@db1:3307/shop?socket=/a%20b%26c", "mysql://a%3Ab@h/", "postgres://%2Frun%2Fpg/d%3Fe", "postgres:///shop?host=/tmp&port=5433",
                          "mysql://[fe80::1%eth0]:3306/", "mysql://u%0a@h%09/%1b[2J", "postgres://db1/?host=", "mysql://h/?socket="}) {
    INFO(url);
    const auto e = parse_url(url), again = parse_url(e.display());
    CHECK(again.display() == e.display());
    CHECK(again.user == e.user);
    CHECK(again.host == e.host);
    CHECK(again.database == e.database);
    CHECK(again.param("socket") == e.param("socket"));
    CHECK(again.local() == e.local());
    CHECK_FALSE(again.has_password);
    for (const char c : e.display()) CHECK(static_cast<unsigned char>(c) > ' ');
  }
  CHECK(parse_url("mysql://root@db1:3306/shop").display() == "mysql://root@db1:3306/shop");
}

TEST_CASE("a URL as one word of a shell") {
  CHECK(parse_url("mysql://root@db1:3306/shop").shell_word() == "mysql://root@db1:3306/shop");
  CHECK(parse_url("mysql://h/d?socket=/s").shell_word() == "'mysql://h/d?socket=/s'");
  CHECK(parse_url("mysql://[::1]/d").shell_word() == "'mysql://[::1]/d'");
  CHECK(parse_url("mysql://h/{a,b}").shell_word() == "'mysql://h/{a,b}'");
  CHECK(parse_url("postgres://h/d?sslmode=verify-full&password-file=/p&sslrootcert=/a b").shell_word() == "'postgres://h/d?sslmode=verify-full&sslrootcert=/a%20b'");
  CHECK(parse_url("mysql://h?ssl-mode=required").shell_word() == "'mysql://h/?ssl-mode=required'");
  CHECK(parse_url("mysql://h/it's").shell_word() == "'mysql://h/it'\\''s'");
}

TEST_CASE("schemes and hosts that nothing has are refused") {
  for (const char* url : {"my sql://h", "\x1b[31m://h", "mysql://a%3Ab/", "mysql://[a/b]", "mysql://[db1]", "mysql://[::1 ]"}) {
    INFO(url);
    CHECK_THROWS_AS(parse_url(url), flytt::base::Error);
  }
}
