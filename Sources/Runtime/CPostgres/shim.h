#ifndef FINCORE_CPOSTGRES_SHIM_H
#define FINCORE_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

#endif
