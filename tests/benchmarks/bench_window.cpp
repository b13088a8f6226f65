// How long until the window shows a result, and what a key press costs, against an empty Qt window in the same run.
// Runs bench_frame again and again, in turns, and prints medians and ratios. Prints, never fails.
//
//   bench_window [ROUNDS]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Run
{
    double milliseconds = 0;
    double mebibytes = 0;
};

/// From fork to exit: the child leaves as soon as its first frame is painted.
Run run(const std::string& program, const char* what)
{
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        execl(program.c_str(), program.c_str(), what, static_cast<char*>(nullptr));
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        std::fprintf(stderr, "bench_window: \"%s %s\" failed; its figure is not to be trusted\n", program.c_str(),
                     what);
    return {elapsed.count(), static_cast<double>(usage.ru_maxrss) / 1024};
}

double median(std::vector<double> values)
{
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20;
    const std::string program = (std::filesystem::canonical("/proc/self/exe").parent_path() / "bench_frame").string();
    std::vector<double> empty_time, window_time, empty_memory, window_memory;
    run(program, "empty");
    run(program, "window"); // both once, to warm the caches
    for (int round = 0; round < rounds; ++round) {
        const Run empty = run(program, "empty");
        const Run window = run(program, "window");
        empty_time.push_back(empty.milliseconds);
        window_time.push_back(window.milliseconds);
        empty_memory.push_back(empty.mebibytes);
        window_memory.push_back(window.mebibytes);
    }
    std::printf("median of %d rounds          empty window   Weighbridge   ratio   aim\n", rounds);
    std::printf("start to first frame, ms   %12.1f  %12.1f  %6.2f   2.00\n", median(empty_time), median(window_time),
                median(window_time) / median(empty_time));
    std::printf("peak memory, MiB           %12.1f  %12.1f  %6.2f      -\n", median(empty_memory),
                median(window_memory), median(window_memory) / median(empty_memory));
    std::fflush(stdout);
    run(program, "keypress");
    run(program, "capacity");
    return 0;
}
