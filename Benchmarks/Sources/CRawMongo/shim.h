// Raw libmongoc as an expert would write it: bson_t stays on the C side because its 128-byte
// alignment keeps Swift from holding one.
#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
  uint8_t id[12];
  const char *text[4];  // email, firstName, lastName, role
  uint32_t length[4];
  int64_t age;
  double height;
  bool active;
  int64_t created;
} raw_user;

typedef void (*raw_user_row)(const raw_user *user, void *context);

static inline void raw_decode(const bson_t *document, raw_user *user) {
  bson_iter_t it;
  bson_iter_init(&it, document);
  while (bson_iter_next(&it)) {
    const char *key = bson_iter_key(&it);
    int slot = -1;
    switch (key[0]) {
      case '_': memcpy(user->id, bson_iter_oid(&it)->bytes, 12); break;
      case 'e': slot = 0; break;
      case 'f': slot = 1; break;
      case 'l': slot = 2; break;
      case 'r': slot = 3; break;
      case 'a':
        if (key[1] == 'g') user->age = bson_iter_as_int64(&it);
        else user->active = bson_iter_bool(&it);
        break;
      case 'h': user->height = bson_iter_double(&it); break;
      case 'c': user->created = bson_iter_date_time(&it); break;
      default: break;
    }
    if (slot >= 0) user->text[slot] = bson_iter_utf8(&it, &user->length[slot]);
  }
}

static inline int raw_drain(mongoc_cursor_t *cursor, raw_user_row row, void *context) {
  const bson_t *document;
  raw_user user = {0};
  int count = 0;
  while (mongoc_cursor_next(cursor, &document)) {
    raw_decode(document, &user);
    row(&user, context);
    count++;
  }
  bson_error_t error;
  if (mongoc_cursor_error(cursor, &error)) count = -1;
  mongoc_cursor_destroy(cursor);
  return count;
}

// Only the fields of the identity half.
static inline void raw_append_projection(bson_t *options) {
  static const char *const names[] = {"email", "firstName", "lastName", "role", "age"};
  bson_t projection;
  bson_append_document_begin(options, "projection", 10, &projection);
  for (int i = 0; i < 5; i++) BSON_APPEND_INT32(&projection, names[i], 1);
  bson_append_document_end(options, &projection);
}

static inline int raw_find_id(
    mongoc_collection_t *c, const uint8_t id[12], bool identity, raw_user_row row, void *context) {
  bson_t filter, options;
  bson_oid_t oid;
  memcpy(oid.bytes, id, 12);
  bson_init(&filter);
  bson_append_oid(&filter, "_id", 3, &oid);
  bson_init(&options);
  bson_append_int64(&options, "limit", 5, 1);
  bson_append_bool(&options, "singleBatch", 11, true);
  if (identity) raw_append_projection(&options);
  int count = raw_drain(mongoc_collection_find_with_opts(c, &filter, &options, NULL), row, context);
  bson_destroy(&filter);
  bson_destroy(&options);
  return count;
}

static inline int raw_find_role(
    mongoc_collection_t *c, const char *role, int64_t limit, bool identity, raw_user_row row,
    void *context) {
  bson_t filter, options;
  bson_init(&filter);
  if (role) bson_append_utf8(&filter, "role", 4, role, -1);
  bson_init(&options);
  bson_append_int64(&options, "limit", 5, limit);
  bson_append_int64(&options, "batchSize", 9, limit);
  if (identity) raw_append_projection(&options);
  int count = raw_drain(mongoc_collection_find_with_opts(c, &filter, &options, NULL), row, context);
  bson_destroy(&filter);
  bson_destroy(&options);
  return count;
}

static inline void raw_append_ids(bson_t *filter, const char *field, const uint8_t *ids, int n) {
  bson_t condition, list;
  char key[16];
  bson_append_document_begin(filter, field, -1, &condition);
  bson_append_array_begin(&condition, "$in", 3, &list);
  for (int i = 0; i < n; i++) {
    const char *name;
    size_t length = bson_uint32_to_string((uint32_t)i, &name, key, sizeof key);
    bson_oid_t oid;
    memcpy(oid.bytes, ids + 12 * i, 12);
    bson_append_oid(&list, name, (int)length, &oid);
  }
  bson_append_array_end(&condition, &list);
  bson_append_document_end(filter, &condition);
}

static inline int raw_find_ids(
    mongoc_collection_t *c, const uint8_t *ids, int n, raw_user_row row, void *context) {
  bson_t filter, options;
  bson_init(&filter);
  raw_append_ids(&filter, "_id", ids, n);
  bson_init(&options);
  int count = raw_drain(mongoc_collection_find_with_opts(c, &filter, &options, NULL), row, context);
  bson_destroy(&filter);
  bson_destroy(&options);
  return count;
}

static inline void raw_append(bson_t *b, const raw_user *u) {
  bson_oid_t oid;
  memcpy(oid.bytes, u->id, 12);
  bson_append_oid(b, "_id", 3, &oid);
  bson_append_utf8(b, "email", 5, u->text[0], (int)u->length[0]);
  bson_append_utf8(b, "firstName", 9, u->text[1], (int)u->length[1]);
  bson_append_utf8(b, "lastName", 8, u->text[2], (int)u->length[2]);
  bson_append_utf8(b, "role", 4, u->text[3], (int)u->length[3]);
  bson_append_int64(b, "age", 3, u->age);
  bson_append_double(b, "heightCm", 8, u->height);
  bson_append_bool(b, "active", 6, u->active);
  bson_append_date_time(b, "createdAt", 9, u->created);
}

static inline bool raw_insert(mongoc_collection_t *c, const raw_user *u) {
  bson_t b;
  bson_error_t error;
  bson_init(&b);
  raw_append(&b, u);
  bool ok = mongoc_collection_insert_one(c, &b, NULL, NULL, &error);
  bson_destroy(&b);
  return ok;
}

static inline bool raw_insert_many(mongoc_collection_t *c, const raw_user *u, int n) {
  bson_t *documents = aligned_alloc(128, sizeof(bson_t) * (size_t)n);
  const bson_t **list = malloc(sizeof(bson_t *) * (size_t)n);
  bson_error_t error;
  for (int i = 0; i < n; i++) {
    bson_init(&documents[i]);
    raw_append(&documents[i], &u[i]);
    list[i] = &documents[i];
  }
  bool ok = mongoc_collection_insert_many(c, list, (size_t)n, NULL, NULL, &error);
  for (int i = 0; i < n; i++) bson_destroy(&documents[i]);
  free(list);
  free(documents);
  return ok;
}

static inline bool raw_update_age(mongoc_collection_t *c, const uint8_t id[12], int64_t age) {
  bson_t filter, update, set;
  bson_oid_t oid;
  bson_error_t error;
  memcpy(oid.bytes, id, 12);
  bson_init(&filter);
  bson_append_oid(&filter, "_id", 3, &oid);
  bson_init(&update);
  bson_append_document_begin(&update, "$set", 4, &set);
  bson_append_int64(&set, "age", 3, age);
  bson_append_document_end(&update, &set);
  bool ok = mongoc_collection_update_one(c, &filter, &update, NULL, NULL, &error);
  bson_destroy(&filter);
  bson_destroy(&update);
  return ok;
}

static inline bool raw_update_height(
    mongoc_collection_t *c, const uint8_t id[12], double height) {
  bson_t filter, update, set;
  bson_oid_t oid;
  bson_error_t error;
  memcpy(oid.bytes, id, 12);
  bson_init(&filter);
  bson_append_oid(&filter, "_id", 3, &oid);
  bson_init(&update);
  bson_append_document_begin(&update, "$set", 4, &set);
  bson_append_double(&set, "heightCm", 8, height);
  bson_append_document_end(&update, &set);
  bool ok = mongoc_collection_update_one(c, &filter, &update, NULL, NULL, &error);
  bson_destroy(&filter);
  bson_destroy(&update);
  return ok;
}

static inline bool raw_delete(mongoc_collection_t *c, const uint8_t id[12]) {
  bson_t filter;
  bson_oid_t oid;
  bson_error_t error;
  memcpy(oid.bytes, id, 12);
  bson_init(&filter);
  bson_append_oid(&filter, "_id", 3, &oid);
  bool ok = mongoc_collection_delete_one(c, &filter, NULL, NULL, &error);
  bson_destroy(&filter);
  return ok;
}

static inline int64_t raw_count(mongoc_collection_t *c, const char *role) {
  bson_t filter;
  bson_error_t error;
  bson_init(&filter);
  bson_append_utf8(&filter, "role", 4, role, -1);
  int64_t n = mongoc_collection_count_documents(c, &filter, NULL, NULL, NULL, &error);
  bson_destroy(&filter);
  return n;
}

static inline void raw_create_index(mongoc_collection_t *c, const char *field) {
  bson_t command;
  bson_error_t error;
  bson_init(&command);
  BSON_APPEND_UTF8(&command, "createIndexes", mongoc_collection_get_name(c));
  bson_t list, index, key;
  bson_append_array_begin(&command, "indexes", 7, &list);
  bson_append_document_begin(&list, "0", 1, &index);
  bson_append_document_begin(&index, "key", 3, &key);
  bson_append_int32(&key, field, -1, 1);
  bson_append_document_end(&index, &key);
  BSON_APPEND_UTF8(&index, "name", field);
  bson_append_document_end(&list, &index);
  bson_append_array_end(&command, &list);
  mongoc_collection_write_command_with_opts(c, &command, NULL, NULL, &error);
  bson_destroy(&command);
}

typedef struct {
  uint8_t id[12];
  uint8_t user[12];
  int64_t minutes;
  int64_t started;
} raw_session;

typedef void (*raw_session_row)(const raw_session *session, void *context);

static inline int raw_drain_sessions(
    mongoc_cursor_t *cursor, raw_session_row row, void *context) {
  const bson_t *document;
  int count = 0;
  while (mongoc_cursor_next(cursor, &document)) {
    raw_session session;
    bson_iter_t it;
    bson_iter_init(&it, document);
    while (bson_iter_next(&it)) {
      switch (bson_iter_key(&it)[0]) {
        case '_': memcpy(session.id, bson_iter_oid(&it)->bytes, 12); break;
        case 'u': memcpy(session.user, bson_iter_oid(&it)->bytes, 12); break;
        case 'm': session.minutes = bson_iter_as_int64(&it); break;
        case 's': session.started = bson_iter_date_time(&it); break;
        default: break;
      }
    }
    row(&session, context);
    count++;
  }
  bson_error_t error;
  if (mongoc_cursor_error(cursor, &error)) count = -1;
  mongoc_cursor_destroy(cursor);
  return count;
}

static inline int raw_find_sessions(
    mongoc_collection_t *c, int64_t limit, raw_session_row row, void *context) {
  bson_t filter, options;
  bson_init(&filter);
  bson_init(&options);
  bson_append_int64(&options, "limit", 5, limit);
  int count = raw_drain_sessions(
      mongoc_collection_find_with_opts(c, &filter, &options, NULL), row, context);
  bson_destroy(&filter);
  bson_destroy(&options);
  return count;
}

/* One batch for all of them: ten per user. */
static inline int raw_find_sessions_of(
    mongoc_collection_t *c, const uint8_t *ids, int n, raw_session_row row, void *context) {
  bson_t filter, options;
  bson_init(&filter);
  raw_append_ids(&filter, "user", ids, n);
  bson_init(&options);
  bson_append_int64(&options, "batchSize", 9, 100 * (int64_t)n);
  int count = raw_drain_sessions(
      mongoc_collection_find_with_opts(c, &filter, &options, NULL), row, context);
  bson_destroy(&filter);
  bson_destroy(&options);
  return count;
}

static inline bool raw_insert_session(
    mongoc_collection_t *c, const uint8_t id[12], const uint8_t user[12], int64_t minutes,
    int64_t started) {
  bson_t b;
  bson_oid_t oid;
  bson_error_t error;
  bson_init(&b);
  memcpy(oid.bytes, id, 12);
  bson_append_oid(&b, "_id", 3, &oid);
  memcpy(oid.bytes, user, 12);
  bson_append_oid(&b, "user", 4, &oid);
  bson_append_int64(&b, "minutes", 7, minutes);
  bson_append_date_time(&b, "startedAt", 9, started);
  bool ok = mongoc_collection_insert_one(c, &b, NULL, NULL, &error);
  bson_destroy(&b);
  return ok;
}
