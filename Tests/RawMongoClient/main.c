// A plain client of libmongoc, with nothing of Privata in it: what it prints is what the server holds.
//
//   RawMongoClient <uri> <database>          every document, one line each: collection, tab, JSON
//   RawMongoClient <uri> <database> --drop   drops the database

#include <mongoc/mongoc.h>
#include <stdio.h>
#include <string.h>

static int print_collection(mongoc_client_t *client, const char *database, const char *name) {
  mongoc_collection_t *collection = mongoc_client_get_collection(client, database, name);
  bson_t query = BSON_INITIALIZER;
  mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, &query, NULL, NULL);
  const bson_t *document;
  while (mongoc_cursor_next(cursor, &document)) {
    char *json = bson_as_relaxed_extended_json(document, NULL);
    printf("%s\t%s\n", name, json);
    bson_free(json);
  }
  bson_error_t error;
  int status = mongoc_cursor_error(cursor, &error) ? 1 : 0;
  if (status) fprintf(stderr, "%s\n", error.message);
  mongoc_cursor_destroy(cursor);
  mongoc_collection_destroy(collection);
  return status;
}

static int print_all(mongoc_client_t *client, const char *name) {
  mongoc_database_t *database = mongoc_client_get_database(client, name);
  bson_error_t error;
  char **names = mongoc_database_get_collection_names_with_opts(database, NULL, &error);
  int status = names ? 0 : 1;
  if (!names) fprintf(stderr, "%s\n", error.message);
  for (char **one = names; one && *one; one++) status |= print_collection(client, name, *one);
  bson_strfreev(names);
  mongoc_database_destroy(database);
  return status;
}

static int drop(mongoc_client_t *client, const char *name) {
  mongoc_database_t *database = mongoc_client_get_database(client, name);
  bson_error_t error;
  int status = mongoc_database_drop(database, &error) ? 0 : 1;
  if (status) fprintf(stderr, "%s\n", error.message);
  mongoc_database_destroy(database);
  return status;
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  mongoc_init();
  mongoc_client_t *client = mongoc_client_new(arguments[1]);
  int status = 2;
  if (client) {
    int drops = count > 3 && strcmp(arguments[3], "--drop") == 0;
    status = drops ? drop(client, arguments[2]) : print_all(client, arguments[2]);
    mongoc_client_destroy(client);
  }
  mongoc_cleanup();
  return status;
}
