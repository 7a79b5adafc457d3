# Sourced by bench.sh and bench_gate.sh: builds the benchmark. What it does not link need not be
# fetched or built: no macros, no swift-syntax.
export PRIVATA_ONLY=MongoStyle,PrismaStyle,DrizzleStyle,PrivataSQLite,PrivataPostgres,PrivataMongo
step "build"
swift build -c release --package-path Benchmarks --product Bench
