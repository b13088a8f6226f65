#include "core/files/machine_files.h"

#include "core/files/files.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weighbridge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_output = 262'144;
constexpr int most_seconds = 5;

/// What can't be read is empty: a machine need not have it. Files of /proc and /sys have no size, so they are read as
/// streams.
std::string text_or_nothing(const fs::path& path)
{
    std::string text;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return text;
    std::array<char, 4096> part{};
    for (ssize_t count = 0; text.size() < most_output && (count = ::read(file, part.data(), part.size())) > 0;)
        text.append(part.data(), static_cast<std::size_t>(count));
    ::close(file);
    return text;
}

/// Reads until the end, the limit or the deadline; true where the end was reached.
bool read_output(int pipe, std::string& output)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(most_seconds);
    std::array<char, 4096> part{};
    while (output.size() < most_output) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd ready{pipe, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
            return false;
        const ssize_t count = ::read(pipe, part.data(), part.size());
        if (count <= 0)
            return count == 0;
        output.append(part.data(), static_cast<std::size_t>(count));
    }
    return false;
}

/// The standard output of a program, empty where there is none of that name, or it takes too long or fails.
std::string output_of(std::vector<std::string> words)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return {};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string output;
    bool whole = false;
    if (failed == 0) {
        whole = read_output(ends[0], output);
        if (!whole)
            ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        whole = whole && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    ::close(ends[0]);
    return whole ? output : std::string();
}

/// "0x10de\n"
std::uint32_t hexadecimal(const std::string& text)
{
    std::uint32_t number = 0;
    const std::size_t begin = text.starts_with("0x") ? 2 : 0;
    std::from_chars(text.data() + begin, text.data() + text.size(), number, 16);
    return number;
}

std::optional<std::int64_t> whole_number(const std::string& text)
{
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && number > 0 ? std::optional(number) : std::nullopt;
}

std::vector<PciDevice> pci_devices(const fs::path& root)
{
    constexpr std::size_t most_pci = 4096;
    std::vector<PciDevice> devices;
    std::error_code error;
    for (fs::directory_iterator entry(root / "sys/bus/pci/devices", error);
         !error && entry != fs::directory_iterator() && devices.size() < most_pci; entry.increment(error)) {
        const fs::path folder = entry->path();
        PciDevice device;
        device.address = folder.filename().string();
        device.vendor = hexadecimal(text_or_nothing(folder / "vendor"));
        device.device = hexadecimal(text_or_nothing(folder / "device"));
        device.device_class = hexadecimal(text_or_nothing(folder / "class"));
        device.memory_bytes = whole_number(text_or_nothing(folder / "mem_info_vram_total"));
        device.memory_used_bytes = whole_number(text_or_nothing(folder / "mem_info_vram_used"));
        devices.push_back(std::move(device));
    }
    std::sort(devices.begin(), devices.end(),
              [](const PciDevice& a, const PciDevice& b) { return a.address < b.address; });
    return devices;
}

Outcome name_problem(const std::string& name)
{
    constexpr std::size_t longest = 64;
    const bool allowed = !name.empty() && name.size() <= longest && name.front() != '.' &&
                         std::all_of(name.begin(), name.end(), [](unsigned char letter) {
                             return std::isalnum(letter) != 0 || letter == '-' || letter == '_' || letter == '.';
                         });
    if (allowed && name != "this")
        return {};
    return Error{"", "a machine's name is " + in_quotes(name) +
                         "; it must be letters, digits, \"-\", \"_\" and \".\", at most 64, and not \"this\""};
}

std::string machine_path(const std::string& name)
{
    return (fs::path(machines_folder()) / (name + ".json")).string();
}

} // namespace

MachineTexts machine_texts(const std::string& folder)
{
    MachineTexts texts;
    const fs::path root = folder.empty() ? fs::path("/") : fs::path(folder);
    texts.meminfo = text_or_nothing(root / "proc/meminfo");
    texts.cpuinfo = text_or_nothing(root / "proc/cpuinfo");
    texts.pci = pci_devices(root);
    if (!folder.empty()) {
        texts.nvidia_smi = text_or_nothing(root / "nvidia-smi.txt");
        texts.rocm_smi = text_or_nothing(root / "rocm-smi.json");
        texts.sysctl = text_or_nothing(root / "sysctl.txt");
        return texts;
    }
    texts.nvidia_smi =
        output_of({"nvidia-smi", "--query-gpu=index,name,memory.total,memory.used", "--format=csv,noheader,nounits"});
    texts.rocm_smi = output_of({"rocm-smi", "--showproductname", "--showmeminfo", "vram", "--json"});
#ifdef __APPLE__
    texts.sysctl = output_of({"sysctl", "hw.memsize", "machdep.cpu.brand_string"});
#endif
    return texts;
}

std::string machines_folder()
{
    const char* data = std::getenv("XDG_DATA_HOME");
    if (data != nullptr && data[0] == '/')
        return std::string(data) + "/weighbridge/machines";
    const char* home = std::getenv("HOME");
    return home != nullptr && home[0] == '/' ? std::string(home) + "/.local/share/weighbridge/machines" : std::string();
}

Outcome keep_machine(const std::string& name, const std::string& json)
{
    if (Outcome problem = name_problem(name))
        return problem;
    if (machines_folder().empty())
        return Error{"", "there is no home folder to keep a machine in"};
    std::error_code error;
    fs::create_directories(machines_folder(), error);
    ReplacedFile file(machine_path(name));
    if (file.problem())
        return *file.problem();
    file.stream() << json;
    return file.commit();
}

Result<std::string> kept_machine(const std::string& name)
{
    if (Outcome problem = name_problem(name))
        return *problem;
    return read_file(machine_path(name));
}

bool is_kept_machine(const std::string& name)
{
    std::error_code error;
    return !name_problem(name) && !machines_folder().empty() && fs::is_regular_file(machine_path(name), error);
}

} // namespace weighbridge
