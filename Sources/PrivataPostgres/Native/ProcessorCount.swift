internal import CPostgres

/// How many processors the process may use, which is how many threads Swift runs tasks on.
enum ProcessorCount {
  static let value = max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
}
