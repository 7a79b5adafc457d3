/* What Privata calls of PKCS #11 (Cryptoki), as OASIS published it: "PKCS #11 Cryptographic Token
 * Interface Base Specification Version 2.40", 14 April 2015. Names and layouts are the standard's;
 * the declarations are the project's own. The module itself is loaded while the program runs. */
#include <dlfcn.h>

typedef unsigned long ck_ulong;
typedef unsigned char ck_byte;

struct ck_version {
  ck_byte major, minor;
};

struct ck_attribute {
  ck_ulong type;
  void *value;
  ck_ulong length;
};

struct ck_mechanism {
  ck_ulong type;
  void *parameter;
  ck_ulong length;
};

/* CK_GCM_PARAMS, with the field that the published header has and the text left out at first. */
struct ck_gcm_params {
  ck_byte *iv;
  ck_ulong iv_length, iv_bits;
  ck_byte *data;
  ck_ulong data_length, tag_bits;
};

struct ck_initialize_args {
  void *create, *destroy, *lock, *unlock;
  ck_ulong flags;
  void *reserved;
};

struct ck_token_info {
  ck_byte label[32], manufacturer[32], model[16], serial[16];
  ck_ulong flags, most_sessions, sessions, most_rw_sessions, rw_sessions, longest_pin,
      shortest_pin, public_memory, free_public_memory, private_memory, free_private_memory;
  struct ck_version hardware, firmware;
  ck_byte time[16];
};

/* CK_FUNCTION_LIST: functions that are not called stand as plain pointers, and those behind the last
 * one that is are left out. */
struct ck_functions {
  struct ck_version version;
  ck_ulong (*Initialize)(void *arguments);
  void *Finalize, *GetInfo, *GetFunctionList;
  ck_ulong (*GetSlotList)(ck_byte with_token, ck_ulong *slots, ck_ulong *count);
  void *GetSlotInfo;
  ck_ulong (*GetTokenInfo)(ck_ulong slot, struct ck_token_info *info);
  void *GetMechanismList, *GetMechanismInfo, *InitToken, *InitPIN, *SetPIN;
  ck_ulong (*OpenSession)(
    ck_ulong slot, ck_ulong flags, void *application, void *notify, ck_ulong *session);
  ck_ulong (*CloseSession)(ck_ulong session);
  ck_ulong (*CloseAllSessions)(ck_ulong slot);
  void *GetSessionInfo, *GetOperationState, *SetOperationState;
  ck_ulong (*Login)(ck_ulong session, ck_ulong user, ck_byte *pin, ck_ulong length);
  void *Logout, *CreateObject, *CopyObject, *DestroyObject, *GetObjectSize;
  ck_ulong (*GetAttributeValue)(
    ck_ulong session, ck_ulong object, struct ck_attribute *attributes, ck_ulong count);
  void *SetAttributeValue;
  ck_ulong (*FindObjectsInit)(ck_ulong session, struct ck_attribute *attributes, ck_ulong count);
  ck_ulong (*FindObjects)(ck_ulong session, ck_ulong *objects, ck_ulong most, ck_ulong *count);
  ck_ulong (*FindObjectsFinal)(ck_ulong session);
  ck_ulong (*EncryptInit)(ck_ulong session, struct ck_mechanism *mechanism, ck_ulong key);
  ck_ulong (*Encrypt)(
    ck_ulong session, ck_byte *bytes, ck_ulong length, ck_byte *result, ck_ulong *result_length);
  void *EncryptUpdate, *EncryptFinal;
  ck_ulong (*DecryptInit)(ck_ulong session, struct ck_mechanism *mechanism, ck_ulong key);
  ck_ulong (*Decrypt)(
    ck_ulong session, ck_byte *bytes, ck_ulong length, ck_byte *result, ck_ulong *result_length);
  void *DecryptUpdate, *DecryptFinal, *DigestInit, *Digest, *DigestUpdate, *DigestKey,
      *DigestFinal, *SignInit, *Sign, *SignUpdate, *SignFinal, *SignRecoverInit, *SignRecover,
      *VerifyInit, *Verify, *VerifyUpdate, *VerifyFinal, *VerifyRecoverInit, *VerifyRecover,
      *DigestEncryptUpdate, *DecryptDigestUpdate, *SignEncryptUpdate, *DecryptVerifyUpdate;
  ck_ulong (*GenerateKey)(
    ck_ulong session, struct ck_mechanism *mechanism, struct ck_attribute *attributes,
    ck_ulong count, ck_ulong *key);
};

typedef ck_ulong (*ck_get_function_list)(struct ck_functions **list);
