#include "app/cli/command_line.h"

#ifdef WEIGHBRIDGE_HAS_WINDOW
#include "app/cli/no_display.h"
#include "app/hub_fetch.h"
#include "app/picture_file.h"
#include "ui/window/run_window.h"
#endif

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

/// "2026-12-01", of the machine's clock, by which prices are old. The core has no clock.
std::string today()
{
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())};
    const auto two_digits = [](unsigned number) { return (number < 10 ? "-0" : "-") + std::to_string(number); };
    return std::to_string(static_cast<int>(day.year())) + two_digits(static_cast<unsigned>(day.month())) +
           two_digits(static_cast<unsigned>(day.day()));
}

} // namespace

/// Decides between the command line, which needs no display, and the window.
int main(int argc, char** argv)
{
    // A file that grows beyond what is allowed is an error of its writing, and said as one.
    std::signal(SIGXFSZ, SIG_IGN);
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    weighbridge::Environment environment;
    environment.today = today();
    std::ios::sync_with_stdio(false);
#ifdef WEIGHBRIDGE_HAS_WINDOW
    std::optional<std::string> why_no_window;
    if (!weighbridge::is_command_line(arguments)) {
        why_no_window = weighbridge::no_display(arguments, [](const char* name) { return std::getenv(name); });
        if (!why_no_window)
            return weighbridge::run_window(argc, argv);
    }
    environment.fetch_model = weighbridge::fetch_from_hub;
    environment.write_picture = weighbridge::write_picture_file;
    if (why_no_window)
        return weighbridge::run_without_display(*why_no_window, arguments, std::cin, std::cout, std::cerr, environment);
#endif
    return weighbridge::run_command_line(arguments, std::cin, std::cout, std::cerr, environment);
}
