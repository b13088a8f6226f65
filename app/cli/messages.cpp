#include "app/cli/messages.h"

#include "core/files/files.h"
#include "core/report/text_lines.h"

namespace weighbridge {

namespace {

/// The last part of a dotted key: messages of the core name at least that.
std::string last_part(const std::string& field)
{
    return field.substr(field.rfind('.') + 1);
}

} // namespace

ExitStatus fail(std::ostream& err, const Error& error, ExitStatus status)
{
    const bool names_it = error.field.empty() || error.message.find(last_part(error.field)) != std::string::npos;
    err << "weighbridge: " << printable(names_it ? error.message : error.field + ": " + error.message) << '\n';
    return status;
}

ExitStatus deliver(const std::string& report, const std::string& path, std::ostream& out, std::ostream& err)
{
    if (!path.empty()) {
        const Outcome problem = write_file(path, report);
        return problem ? fail(err, *problem) : ExitStatus::done;
    }
    out << report;
    return finish(out, err);
}

ExitStatus finish(std::ostream& out, std::ostream& err, ExitStatus status)
{
    out.flush();
    if (out.good())
        return status;
    return fail(err, {"", "standard output can't be written: it is closed or full"});
}

} // namespace weighbridge
