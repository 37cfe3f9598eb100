/* The few calls of MUMPS (sequential, complex) that the bench needs, as functions without its
   structure: analysis of a pattern once, then factors of new values and solutions in place. */
#include <stdlib.h>
#include <zmumps_c.h>

#define USE_COMM_WORLD -987654
#define JOB_INIT -1
#define JOB_END -2
#define JOB_ANALYSIS 1
#define JOB_FACTOR 2
#define JOB_SOLVE 3

static int run(ZMUMPS_STRUC_C *id, int job) {
  id->job = job;
  zmumps_c(id);
  return id->infog[0];
}

void *mumps_new(void) {
  ZMUMPS_STRUC_C *id = calloc(1, sizeof *id);
  if (!id) return NULL;
  id->comm_fortran = USE_COMM_WORLD;
  id->par = 1;
  id->sym = 0;
  if (run(id, JOB_INIT) != 0) {
    free(id);
    return NULL;
  }
  /* No messages. */
  for (int k = 0; k < 4; k++) id->icntl[k] = k == 3 ? 0 : -1;
  return id;
}

/* Rows and columns count from 1 and stay the caller's, like the values. `flops` receives the
   operations that the factorisation is predicted to need. */
int mumps_analyse(void *handle, int n, int64_t count, int *rows, int *columns, void *values, int ordering,
                  double *flops) {
  ZMUMPS_STRUC_C *id = handle;
  id->n = n;
  id->nnz = count;
  id->irn = rows;
  id->jcn = columns;
  id->a = values;
  id->icntl[6] = ordering;
  int status = run(id, JOB_ANALYSIS);
  *flops = id->rinfog[0];
  return status;
}

int mumps_factor(void *handle, void *values) {
  ZMUMPS_STRUC_C *id = handle;
  id->a = values;
  int status;
  /* The room that pivoting takes is doubled until it suffices. */
  while ((status = run(id, JOB_FACTOR)) == -9 || status == -8) id->icntl[13] *= 2;
  return status;
}

/* The right sides, one column after the other, are replaced by the solutions. */
int mumps_solve(void *handle, void *right, int columns) {
  ZMUMPS_STRUC_C *id = handle;
  id->rhs = right;
  id->nrhs = columns;
  id->lrhs = id->n;
  id->icntl[26] = columns;
  return run(id, JOB_SOLVE);
}

void mumps_free(void *handle) {
  run(handle, JOB_END);
  free(handle);
}
