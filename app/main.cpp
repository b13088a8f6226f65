#include "app/cli/command_line.h"

#ifdef WEIGHBRIDGE_HAS_WINDOW
#include "app/hub_fetch.h"
#include "app/picture_file.h"
#include "ui/window/run_window.h"
#endif

#include <iostream>
#include <string>
#include <vector>

/// Decides between the command line, which needs no display, and the window.
int main(int argc, char** argv)
{
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    weighbridge::Environment environment;
#ifdef WEIGHBRIDGE_HAS_WINDOW
    if (!weighbridge::is_command_line(arguments))
        return weighbridge::run_window(argc, argv);
    environment.fetch_config = weighbridge::fetch_from_hub;
    environment.write_picture = weighbridge::write_picture_file;
#endif
    std::ios::sync_with_stdio(false);
    return weighbridge::run_command_line(arguments, std::cin, std::cout, std::cerr, environment);
}
