// What Swift calls of libmongoc. libbson 1.x aligns bson_t to 128 bytes, which Swift cannot import
// as a value, so no bson_t crosses: commands come as bytes, replies are lent as bytes.
#ifndef PRIVATA_MONGO_SHIM_H
#define PRIVATA_MONGO_SHIM_H

#include <mongoc/mongoc.h>
#include <stdlib.h>

// One client of a pool with the session that its commands run in and the last reply.
typedef struct privata_connection {
  bson_t reply;
  bson_error_t error;
  mongoc_client_t *client;
  mongoc_client_session_t *session;
  mongoc_client_session_t *transaction;
  bool has_reply;
} privata_connection;

// How to run a command.
typedef struct privata_call {
  const char *database;
  const uint8_t *command;
  size_t length;
  // Reads are repeated once by libmongoc after a network error, and go where the read preference
  // says; everything else goes to the primary, once.
  bool is_read;
  // A mongoc_read_mode_t, or 0 for the URL's own.
  int32_t read_mode;
  // NULL for the URL's own.
  const char *read_concern;
  // The server that holds a cursor; 0 for any.
  uint32_t server;
  // Makes a repeated write count once; 0 for none.
  int64_t transaction_number;
} privata_call;

typedef void (*privata_command_started)(
  void *context, const char *name, const char *database, const uint8_t *command, size_t length);

// MARK: - Pool

static inline void privata_mongo_start(void) {
  mongoc_init();
  // libmongoc would print warnings of its own to standard error.
  mongoc_log_set_handler(NULL, NULL);
}

static inline mongoc_client_pool_t *privata_pool_open(const mongoc_uri_t *uri) {
  bson_error_t error;
  mongoc_client_pool_t *pool = mongoc_client_pool_new_with_error(uri, &error);
  if (pool) {
    mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2);
  }
  return pool;
}

typedef struct privata_observer {
  privata_command_started started;
  void *context;
} privata_observer;

static inline void privata_pool_command_started(const mongoc_apm_command_started_t *event) {
  privata_observer *observer =
    (privata_observer *) mongoc_apm_command_started_get_context(event);
  const bson_t *command = mongoc_apm_command_started_get_command(event);
  observer->started(
    observer->context, mongoc_apm_command_started_get_command_name(event),
    mongoc_apm_command_started_get_database_name(event), bson_get_data(command), command->len);
}

// The observer is to live as long as the pool.
static inline void privata_pool_observe(mongoc_client_pool_t *pool, privata_observer *observer) {
  mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
  mongoc_apm_set_command_started_cb(callbacks, privata_pool_command_started);
  mongoc_client_pool_set_apm_callbacks(pool, callbacks, observer);
  mongoc_apm_callbacks_destroy(callbacks);
}

// MARK: - Connection

static inline privata_connection *privata_connection_open(mongoc_client_pool_t *pool) {
  void *memory = NULL;
  if (posix_memalign(&memory, __alignof__(privata_connection), sizeof(privata_connection))) {
    return NULL;
  }
  memset(memory, 0, sizeof(privata_connection));
  privata_connection *connection = (privata_connection *) memory;
  connection->client = mongoc_client_pool_try_pop(pool);
  if (!connection->client) {
    free(memory);
    return NULL;
  }
  return connection;
}

static inline void privata_connection_drop_reply(privata_connection *connection) {
  if (connection->has_reply) {
    bson_destroy(&connection->reply);
    connection->has_reply = false;
  }
}

static inline void privata_connection_drop_session(privata_connection *connection) {
  if (connection->session) {
    mongoc_client_session_destroy(connection->session);
    connection->session = NULL;
  }
}

static inline void privata_connection_close(
  privata_connection *connection, mongoc_client_pool_t *pool) {
  privata_connection_drop_reply(connection);
  if (connection->transaction) {
    mongoc_client_session_destroy(connection->transaction);
  }
  privata_connection_drop_session(connection);
  mongoc_client_pool_push(pool, connection->client);
  free(connection);
}

static inline mongoc_client_session_t *privata_connection_start_session(
  privata_connection *connection) {
  mongoc_session_opt_t *options = mongoc_session_opts_new();
  mongoc_session_opts_set_causal_consistency(options, false);
  mongoc_client_session_t *session =
    mongoc_client_start_session(connection->client, options, &connection->error);
  mongoc_session_opts_destroy(options);
  return session;
}

static inline void privata_call_options(
  privata_connection *connection, const privata_call *call, mongoc_client_session_t *session,
  bson_t *options) {
  mongoc_client_session_append(session, options, NULL);
  if (call->server) {
    BSON_APPEND_INT32(options, "serverId", (int32_t) call->server);
  }
  if (call->transaction_number) {
    BSON_APPEND_INT64(options, "txnNumber", call->transaction_number);
  }
  if (connection->transaction) {
    return;
  }
  if (call->read_concern) {
    mongoc_read_concern_t *concern = mongoc_read_concern_new();
    mongoc_read_concern_set_level(concern, call->read_concern);
    mongoc_read_concern_append(concern, options);
    mongoc_read_concern_destroy(concern);
  }
}

static inline void privata_call_write_concern(privata_connection *connection, bson_t *options) {
  const mongoc_write_concern_t *concern = mongoc_client_get_write_concern(connection->client);
  if (!connection->transaction && !mongoc_write_concern_is_default(concern)) {
    // Appending caches the BSON form inside the concern, hence not const.
    mongoc_write_concern_append((mongoc_write_concern_t *) concern, options);
  }
}

// Runs a command that leaves its reply, on success and on failure. False where the server or
// libmongoc refused; the error then says why.
static inline bool privata_connection_run(
  privata_connection *connection, const privata_call *call, bool has_write_concern) {
  privata_connection_drop_reply(connection);
  memset(&connection->error, 0, sizeof(bson_error_t));
  mongoc_client_session_t *session = connection->transaction;
  if (!session && !connection->session) {
    connection->session = privata_connection_start_session(connection);
    if (!connection->session) {
      return false;
    }
  }
  if (!session) {
    session = connection->session;
  }
  bson_t command;
  if (!bson_init_static(&command, call->command, call->length)) {
    return false;
  }
  bson_t options;
  bson_init(&options);
  privata_call_options(connection, call, session, &options);
  mongoc_read_prefs_t *preference = NULL;
  if (call->read_mode && !connection->transaction) {
    preference = mongoc_read_prefs_new((mongoc_read_mode_t) call->read_mode);
  }
  bool done;
  if (call->is_read) {
    done = mongoc_client_read_command_with_opts(
      connection->client, call->database, &command, preference, &options, &connection->reply,
      &connection->error);
  } else {
    if (has_write_concern) {
      privata_call_write_concern(connection, &options);
    }
    done = mongoc_client_command_with_opts(
      connection->client, call->database, &command, NULL, &options, &connection->reply,
      &connection->error);
  }
  connection->has_reply = true;
  if (preference) {
    mongoc_read_prefs_destroy(preference);
  }
  bson_destroy(&options);
  return done;
}

// The bytes of the last reply, until the next call. NULL where there is none.
static inline const uint8_t *privata_connection_reply(
  const privata_connection *connection, size_t *length) {
  *length = connection->has_reply ? connection->reply.len : 0;
  return connection->has_reply ? bson_get_data(&connection->reply) : NULL;
}

static inline uint32_t privata_connection_error_domain(const privata_connection *connection) {
  return connection->error.domain;
}

static inline uint32_t privata_connection_error_code(const privata_connection *connection) {
  return connection->error.code;
}

// Chooses the server that a cursor is to live on; 0 on failure, with the error set.
static inline uint32_t privata_connection_select(
  privata_connection *connection, int32_t read_mode, bool for_writes, bool *is_standalone) {
  privata_connection_drop_reply(connection);
  memset(&connection->error, 0, sizeof(bson_error_t));
  mongoc_read_prefs_t *preference =
    read_mode ? mongoc_read_prefs_new((mongoc_read_mode_t) read_mode) : NULL;
  mongoc_server_description_t *server = mongoc_client_select_server(
    connection->client, for_writes,
    preference ? preference
               : (for_writes ? NULL : mongoc_client_get_read_prefs(connection->client)),
    &connection->error);
  if (preference) {
    mongoc_read_prefs_destroy(preference);
  }
  if (!server) {
    return 0;
  }
  uint32_t id = mongoc_server_description_id(server);
  *is_standalone = strcmp(mongoc_server_description_type(server), "Standalone") == 0;
  mongoc_server_description_destroy(server);
  return id;
}

// True where reads may go to a server that is not the primary.
static inline bool privata_connection_reads_elsewhere(const privata_connection *connection) {
  const mongoc_read_prefs_t *preference = mongoc_client_get_read_prefs(connection->client);
  return preference && mongoc_read_prefs_get_mode(preference) != MONGOC_READ_PRIMARY;
}

// MARK: - Transactions

// The session that plain commands run in; NULL before the first of them.
static inline mongoc_client_session_t *privata_connection_session(
  const privata_connection *connection) {
  return connection->session;
}

// The 16 bytes by which the server knows a session.
static inline bool privata_session_id(const mongoc_client_session_t *session, uint8_t *id) {
  bson_iter_t iterator;
  if (!bson_iter_init_find(&iterator, mongoc_client_session_get_lsid(session), "id")
      || !BSON_ITER_HOLDS_BINARY(&iterator)) {
    return false;
  }
  bson_subtype_t subtype;
  uint32_t length;
  const uint8_t *bytes;
  bson_iter_binary(&iterator, &subtype, &length, &bytes);
  if (length != 16) {
    return false;
  }
  memcpy(id, bytes, 16);
  return true;
}

// Begins a transaction that the following calls run in, until it is committed or aborted. The
// session is the connection's from here on.
static inline bool privata_connection_begin(
  privata_connection *connection, mongoc_client_session_t *session, const char *read_concern,
  int64_t max_commit_milliseconds) {
  memset(&connection->error, 0, sizeof(bson_error_t));
  mongoc_transaction_opt_t *options = mongoc_transaction_opts_new();
  // Transactions run on the primary, also where the URL prefers other servers for reads.
  mongoc_read_prefs_t *primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
  mongoc_transaction_opts_set_read_prefs(options, primary);
  mongoc_read_prefs_destroy(primary);
  if (read_concern) {
    mongoc_read_concern_t *concern = mongoc_read_concern_new();
    mongoc_read_concern_set_level(concern, read_concern);
    mongoc_transaction_opts_set_read_concern(options, concern);
    mongoc_read_concern_destroy(concern);
  }
  if (max_commit_milliseconds > 0) {
    mongoc_transaction_opts_set_max_commit_time_ms(options, max_commit_milliseconds);
  }
  bool begun = mongoc_client_session_start_transaction(session, options, &connection->error);
  mongoc_transaction_opts_destroy(options);
  if (begun) {
    connection->transaction = session;
  } else {
    mongoc_client_session_destroy(session);
  }
  return begun;
}

// Ends the transaction. After a failed commit it is over as well.
static inline bool privata_connection_end(privata_connection *connection, bool commits) {
  privata_connection_drop_reply(connection);
  memset(&connection->error, 0, sizeof(bson_error_t));
  bool done = true;
  if (commits) {
    done = mongoc_client_session_commit_transaction(
      connection->transaction, &connection->reply, &connection->error);
    connection->has_reply = true;
  } else {
    done = mongoc_client_session_abort_transaction(connection->transaction, &connection->error);
  }
  mongoc_client_session_destroy(connection->transaction);
  connection->transaction = NULL;
  return done;
}

#endif
