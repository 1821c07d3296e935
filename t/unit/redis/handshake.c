/* SPDX-License-Identifier: BSD-2-Clause */

/* What a link says before its first command, and what it makes of refusals. */

#include "fake.h"


static const struct {
    const char         *name;
    const char         *user;
    const char         *password;
    uint32_t            db;
    const char         *client;
    const fake_step_t   steps[16];
    const char         *until;
    const char         *diary;
} cases[] = {
    { "nothing but a PING", "", "", 0, "",
      { GREET, EXPECT("GET a"), SEND(":1\r\n"), GONE, END },
      "a=", "UP a=1 " },
    { "a password", "", "secret", 0, "",
      { ACCEPT, EXPECT("AUTH secret"), EXPECT("PING"),
        SEND("+OK\r\n+PONG\r\n"), EXPECT("GET a"), SEND(":1\r\n"), GONE, END },
      "a=", "UP a=1 " },
    { "all there is, in one go", "me", "secret", 7, "orders",
      { ACCEPT, EXPECT("AUTH me secret"), EXPECT("SELECT 7"),
        EXPECT("CLIENT SETNAME orders"), EXPECT("PING"),
        SPLIT("+OK\r\n+OK\r\n+OK\r\n+PONG\r\n"), EXPECT("GET a"),
        SEND(":1\r\n"), GONE, END },
      "a=", "UP a=1 " },
    { "a user without a password", "me", "", 0, "",
      { ACCEPT, EXPECT("AUTH me "), EXPECT("PING"), SEND("+OK\r\n+PONG\r\n"),
        EXPECT("GET a"), SEND(":1\r\n"), GONE, END },
      "a=", "UP a=1 " },
    { "a name that is refused", "", "", 0, "or ders",
      { ACCEPT, EXPECT("CLIENT SETNAME or ders"), EXPECT("PING"),
        SEND("-ERR Client names cannot contain spaces\r\n+PONG\r\n"),
        EXPECT("GET a"), SEND(":1\r\n"), GONE, END },
      "a=", "UP a=1 " },
    { "a user who may do no more than he needs", "", "", 0, "orders",
      { ACCEPT, EXPECT("CLIENT SETNAME orders"), EXPECT("PING"),
        SEND("-NOPERM no CLIENT\r\n-NOPERM no PING\r\n"),
        EXPECT("GET a"), SEND(":1\r\n"), GONE, END },
      "a=", "UP a=1 " },
    { "a password is missing", "", "", 0, "",
      { ACCEPT, EXPECT("PING"), SEND("-NOAUTH Authentication required.\r\n"),
        GONE, ACCEPT, EXPECT("PING"),
        SEND("-NOAUTH Authentication required.\r\n"), GONE, REFUSE, END },
      "DOWN(Conn", "DOWN(the server refused PING: NOAUTH Authentication"
      " required.; put its password into the server's address,"
      " redis://user:password@host) a=UNSENT DOWN(Connection refused) " },
    { "a wrong password", "", "secret", 0, "",
      { ACCEPT, EXPECT("AUTH secret"), EXPECT("PING"),
        SEND("-WRONGPASS invalid username-password pair\r\n-NOAUTH x\r\n"),
        GONE, END },
      "a=", "DOWN(the server refused AUTH: WRONGPASS; check the user and the"
      " password in the server's address) a=UNSENT " },
    { "a server that repeats the password", "", "secret", 0, "",
      { ACCEPT, EXPECT("AUTH secret"), EXPECT("PING"),
        SEND("-ERR unknown command 'AUTH', with args: 'secret'\r\n"), GONE,
        END },
      "a=", "DOWN(the server refused AUTH: ERR; check the user and the"
      " password in the server's address) a=UNSENT " },
    { "a database that is not there", "", "", 99, "",
      { ACCEPT, EXPECT("SELECT 99"), EXPECT("PING"),
        SEND("-ERR DB index is out of range\r\n+PONG\r\n"), GONE, END },
      "a=", "DOWN(the server refused SELECT: ERR DB index is out of range;"
      " check the database in the server's address) a=UNSENT " },
    { "a server that is loading, then ready", "", "", 0, "",
      { ACCEPT, EXPECT("PING"), SEND("-LOADING dataset\r\n"), GONE,
        ACCEPT, EXPECT("PING"), SEND("-LOADING dataset\r\n"), GONE,
        GREET, GONE, END },
      "UP", "DOWN(the server refused PING: LOADING dataset; waiting until it"
      " has read its data) a=UNSENT UP " },
    { "too many clients", "", "", 0, "orders",
      { ACCEPT, SEND("-ERR max number of clients reached\r\n"), CLOSE, END },
      "a=", "DOWN(the server refused CLIENT SETNAME: ERR max number of clients"
      " reached; raise its maxclients) a=UNSENT " },
    { "a server that greets by itself", "", "", 0, "",
      { ACCEPT, SEND("220 mail.example.org ESMTP\r\n"), GONE, END },
      "a=", "DOWN(Protocol error, got \"2\" as reply type byte) a=UNSENT " },
    { "a server that says too much", "", "", 0, "",
      { ACCEPT, EXPECT("PING"), SEND("+PONG\r\n+PONG\r\n"), GONE, END },
      "a=", "DOWN(protocol error: a reply came that nothing asked for)"
      " a=UNSENT " },
    { "a refusal that is no text for a log", "", "", 0, "",
      { ACCEPT, EXPECT("PING"), SEND("-ERR a\tb\033[2J\303\244\r\n"), GONE,
        END },
      "a=", "DOWN(the server refused PING: ERR a?b?[2J??; is it a Redis"
      " server?) a=UNSENT " },
    { "silence", "", "", 0, "",
      { ACCEPT, EXPECT("PING"), GONE, END },
      "a=", "DOWN(no connection within 500 ms) a=UNSENT " },
    { "a server that answers too slowly", "", "", 3, "",
      { ACCEPT, EXPECT("SELECT 3"), SEND("+OK\r\n"), PAUSE(700), GONE, END },
      "a=", "DOWN(no connection within 500 ms) a=UNSENT " },
    { "a connection cut in the handshake", "", "", 3, "",
      { ACCEPT, EXPECT("SELECT 3"), SEND("+OK\r\n"), CLOSE, END },
      "a=", "DOWN(Server closed the connection) a=UNSENT " }
};


static void
test_case(size_t i)
{
    fake_command_t      a = { .name = "a" };
    rds_link_options_t  options;

    fake_start(cases[i].steps);
    options = fake_options();
    options.address.user = base_str_c(cases[i].user);
    options.address.password = base_str_c(cases[i].password);
    options.address.db = cases[i].db;
    options.name = base_str_c(cases[i].client);
    options.timeout_ms = 1000;
    fake_link(&options);
    fake_send(&a, "GET a");
    fake_run_until(cases[i].until);
    ok(fake_stop(), "%s: the server saw what it expected", cases[i].name);
    is_diary(cases[i].diary, cases[i].name);
}


int
main(void)
{
    size_t  i;

    signal(SIGPIPE, SIG_IGN);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(i);
    }

    return done_testing();
}
