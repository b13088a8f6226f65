#pragma once

#include "app/cli/environment.h"
#include "core/estimate/estimate.h"

#include <map>
#include <string>

namespace weighbridge {

/// Finds what a scenario names: its model and its accelerator. Keeps what it found, since many scenarios of one run
/// name the same.
class Resolver
{
public:
    explicit Resolver(const Environment& environment) : environment_(environment) {}

    Result<Question> resolve(const Scenario& scenario);

    /// What kind of failure the last error was.
    ExitStatus status() const { return status_; }

private:
    /// With drafts that are files read into the scenario: the core opens nothing.
    Result<Scenario> with_drafts(const Scenario& scenario);
    Result<ModelPointer> model(const ModelReference& reference);
    Result<ModelPointer> load(const ModelReference& reference);
    Result<FetchedModel> fetch(const ModelReference& reference, std::string& note);
    Result<Accelerator> accelerator(const HardwareChoice& hardware);

    const Environment& environment_;
    Catalogue catalogue_;
    std::map<std::string, ModelPointer> models_;
    std::map<std::string, Accelerator> accelerators_;
    std::map<std::vector<std::string>, std::shared_ptr<const std::vector<Accelerator>>> comparisons_;
    ExitStatus status_ = ExitStatus::done;
};

/// What MODEL on the command line means: "hf:org/name", a preset's name, or a path. A name that is both a preset and a
/// file is the preset; "./NAME" is the file.
Result<ModelReference> model_argument(const std::string& text);

} // namespace weighbridge
