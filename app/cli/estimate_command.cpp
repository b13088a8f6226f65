#include "app/cli/estimate_command.h"

#include "app/cli/documents.h"
#include "app/cli/estimate_request.h"
#include "app/cli/messages.h"
#include "app/cli/plan_answer.h"
#include "app/cli/read_command.h"
#include "app/cli/resolver.h"
#include "core/answers/compare.h"
#include "core/fields/model_json.h"
#include "core/fields/scenario_json.h"
#include "core/files/files.h"
#include "core/launch/write_launch.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"
#include "core/report/comparison_report.h"
#include "core/report/estimate_json.h"
#include "core/report/table_writers.h"
#include "core/speed/speed.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace weighbridge {

namespace {

constexpr std::string_view estimate_usage =
    R"(Prints how much memory a model needs on each GPU, why, and whether it fits.

Usage: weighbridge estimate MODEL [options]
       weighbridge estimate --scenario FILE [options]
       weighbridge estimate --from-command FILE [options]

MODEL is a preset (weighbridge list models), a path to a config.json, a model
folder, a .gguf or a .safetensors file (or its index), or hf:org/name. It and
the options go over the scenario's keys, --set goes last. '--scenario -' takes
one JSON object per line; with --format json each is answered by one report on
one line.

)";

constexpr std::string_view statuses = R"(
Exit status: 0 done; 1 does not fit (only with --require-fit), or is slower than
--require-ttft or --require-tpot say; 2 unusable arguments or input; 3 the
network failed.
)";

/// What is not known is not as fast as required.
bool is_within(const std::optional<SpeedFigure>& figure, const std::optional<double>& most)
{
    return !most || (figure && figure->value <= *most);
}

/// Whether the answer keeps to the times that the options require.
bool is_as_fast(const Estimate& result, const ParsedArguments& arguments)
{
    static const Speed nothing_known;
    const Speed& speed = result.speed ? *result.speed : nothing_known;
    const WantedChoice& wanted = result.scenario.wanted;
    return (!arguments.has("--require-ttft") ||
            is_within(speed.time_to_first_token_seconds, wanted.time_to_first_token_seconds)) &&
           (!arguments.has("--require-tpot") ||
            is_within(speed.time_per_output_token_seconds, wanted.time_per_output_token_seconds));
}

/// Answers scenarios one after the other into one stream, so that a long list needs no memory.
class Answers
{
public:
    Answers(const EstimateRequest& request, const Environment& environment, std::ostream& out, std::ostream& err)
        : request_(request), environment_(environment), resolver_(environment), out_(out), err_(err)
    {
    }

    /// The setups of a comparison, resolved as an estimate's own scenario would be; what can't be is one with its
    /// error.
    void hold(Scenario scenario, const std::string& name, const std::string& assignment = {})
    {
        Setup setup{.name = name};
        Outcome problem = apply_arguments(scenario, request_);
        if (!problem && !assignment.empty())
            problem = set_varied(scenario, assignment);
        if (problem) {
            setup.error = problem->message;
        } else if (auto question = resolver_.resolve(scenario)) {
            setup.question = std::move(*question);
        } else {
            setup.error = question.error().message;
        }
        setups_.push_back(std::move(setup));
    }

    /// Of all that are held, in one report.
    bool answer_compared()
    {
        const auto comparison = compare(std::move(setups_));
        if (!comparison)
            return failed(comparison.error(), {});
        if (request_.format == ReportFormat::picture)
            return failed({"", "--output is " + weighbridge::in_quotes(request_.output) +
                                   "; a comparison is not drawn: its ending must be .csv, .json, .md or .txt"},
                          {});
        for (const Setup& setup : comparison->setups)
            if (!setup.estimate || !does_fit(setup.estimate->fit.verdict))
                all_fit_ = false;
        out_ << (request_.format == ReportFormat::json ? json_text(comparison_json(*comparison))
                                                       : rendered(comparison_tables(*comparison), request_.format));
        return out_.good();
    }

    /// Reports say what was read of the launch command that the scenario came from.
    void name_command(LaunchCommand command) { command_ = std::move(command); }

    /// Stops at the first scenario that can't be answered; `where` says which that is, if there are several.
    bool answer(Scenario scenario, const std::string& where)
    {
        if (Outcome problem = apply_arguments(scenario, request_))
            return failed(*problem, where, ExitStatus::unusable);
        const std::string launched = request_.arguments.value("--launch");
        if (request_.arguments.has("--launch"))
            if (Outcome problem = choose_launched(scenario, launched))
                return failed(*problem, where, ExitStatus::unusable);
        if (request_.arguments.has("--plan"))
            return answer_planned(scenario, where);
        const auto question = resolver_.resolve(scenario);
        if (!question)
            return failed(question.error(), where, resolver_.status());
        const auto result = estimate(*question);
        if (!result)
            return failed(result.error(), where, ExitStatus::unusable);
        if (!does_fit((*result)->fit.verdict))
            all_fit_ = false;
        all_fast_ = all_fast_ && is_as_fast(**result, request_.arguments);
        const auto answered = with_answers(*result, request_.answers);
        if (!answered)
            return failed(answered.error(), where, ExitStatus::unusable);
        return write(**answered, where);
    }

    bool failed(Error error, const std::string& where, ExitStatus status = ExitStatus::unusable)
    {
        if (!where.empty())
            error.message = where + ": " + error.message;
        status_ = fail(err_, error, status);
        return false;
    }

    ExitStatus status() const
    {
        if (status_ == ExitStatus::done && !all_fit_ && request_.arguments.has("--require-fit"))
            return ExitStatus::does_not_fit;
        return status_ == ExitStatus::done && !all_fast_ ? ExitStatus::does_not_fit : status_;
    }

private:
    bool answer_planned(const Scenario& scenario, const std::string& where)
    {
        const auto plan = answer_plan(scenario, request_.arguments.value("--plan"), resolver_, err_);
        if (!plan)
            return failed(plan.error(), where);
        const auto text = plan_text(**plan, request_);
        if (!text)
            return failed(text.error(), where);
        if ((*plan)->feasible == 0)
            all_fit_ = false;
        out_ << *text;
        return out_.good();
    }

    bool write(const Estimate& result, const std::string& where)
    {
        if (request_.format == ReportFormat::picture) {
            if (!environment_.write_picture)
                return failed({"", "--output is " + weighbridge::in_quotes(request_.output) +
                                       ", but this build draws no pictures; .csv, .json, .md and .txt are possible"},
                              where);
            const Outcome problem = environment_.write_picture(result, request_.output);
            return problem ? failed(*problem, where) : true;
        }
        if (written_++ > 0 && request_.format != ReportFormat::json)
            out_ << (request_.format == ReportFormat::csv ? "\r\n" : "\n");
        if (Outcome problem = write_report(result))
            return failed(*problem, where);
        // Who closed the other end wants no more of it.
        return out_.good() ? true
                           : failed({"", "the report can't be written: standard output is closed or full"}, where);
    }

    /// The report, with what was read of a launch command and what starts it so; of the latter the text alone where it
    /// is no JSON.
    Outcome write_report(const Estimate& result)
    {
        const bool launches = request_.arguments.has("--launch");
        const bool is_json = request_.format == ReportFormat::json;
        if (!command_ && !launches) {
            out_ << render(result, request_.format, request_.one_line);
            return {};
        }
        nlohmann::ordered_json root;
        if (is_json)
            root = to_json(result);
        if (command_ && is_json)
            root["command"] = launch_json(*command_);
        else if (command_ && request_.format == ReportFormat::table)
            out_ << launch_text(*command_) << '\n';
        if (launches) {
            const auto launch = write_launch(result.asked, request_.arguments.value("--launch"));
            if (!launch)
                return launch.error();
            if (!is_json) {
                out_ << launch->text;
                if (!launch->cant_say.empty())
                    err_ << "weighbridge: " << launch->tool << " has no flag for " << joined(launch->cant_say) << '\n';
                return {};
            }
            root["launch"] = written_json(*launch);
        }
        out_ << (is_json ? json_text(root, request_.one_line) : render(result, request_.format, request_.one_line));
        return {};
    }

    const EstimateRequest& request_;
    const Environment& environment_;
    Resolver resolver_;
    std::ostream& out_;
    std::ostream& err_;
    std::vector<Setup> setups_;
    std::optional<LaunchCommand> command_;
    std::int64_t written_ = 0;
    bool all_fit_ = true;
    bool all_fast_ = true; ///< as fast as the options require
    ExitStatus status_ = ExitStatus::done;
};

bool answer_stream(Answers& answers, std::istream& in)
{
    DocumentReader reader(in, largest_text_file);
    std::string document;
    bool any = false;
    while (reader.next(document)) {
        any = true;
        const std::string where = "standard input, line " + std::to_string(reader.line());
        auto scenario = read_scenario_text(document, "the scenario");
        if (!scenario)
            return answers.failed(scenario.error(), where);
        if (!answers.answer(std::move(*scenario), where))
            return false;
    }
    if (reader.failed())
        return answers.failed({"", "standard input can't be read: it is closed, or no text"}, {});
    return any || answers.failed({"", "standard input is empty; it must hold a scenario"}, {});
}

/// The error says which file it is.
Result<Scenario> read_scenario_file(const std::string& path)
{
    const auto text = read_file(path);
    if (!text)
        return text.error();
    auto scenario = read_scenario_text(*text, path);
    if (scenario || scenario.error().message.starts_with(path))
        return scenario;
    return Error{scenario.error().field, path + ": " + scenario.error().message};
}

bool answer_file(Answers& answers, const std::string& path, bool several)
{
    auto scenario = read_scenario_file(path);
    if (!scenario)
        return answers.failed(scenario.error(), {});
    return answers.answer(std::move(*scenario), several ? path : std::string());
}

/// One scenario with one key varied: "engine=vllm,sglang".
bool compare_values(Answers& answers, const EstimateRequest& request, const Scenario& scenario)
{
    const std::string assignment = request.arguments.value("--compare");
    const std::size_t equals = assignment.find('=');
    const std::vector<std::string> values = list_in(std::string_view(assignment).substr(equals + 1));
    for (const std::string& value : values)
        answers.hold(scenario, value, assignment.substr(0, equals + 1) + value);
    return answers.answer_compared();
}

bool compare_all(Answers& answers, const EstimateRequest& request)
{
    const bool varied = !request.arguments.value("--compare").empty();
    if (varied && request.scenarios.size() > 1)
        return answers.failed({"", "--compare varies one key of one scenario; --scenario is there more than once"}, {});
    if (request.scenarios.empty())
        return varied
                   ? compare_values(answers, request, {})
                   : answers.failed({"", "--compare needs --scenario twice, or a key to vary: engine=vllm,sglang"}, {});
    for (const std::string& path : request.scenarios) {
        auto scenario = read_scenario_file(path);
        if (!scenario)
            return answers.failed(scenario.error(), {});
        if (varied)
            return compare_values(answers, request, *scenario);
        answers.hold(std::move(*scenario), std::filesystem::path(path).filename().string());
    }
    return answers.answer_compared();
}

/// A launch command's scenario; MODEL and options go over it, and answer what it asks.
bool answer_command(Answers& answers, const EstimateRequest& request, std::istream& in)
{
    auto command = read_launch_file(request.from_command, in);
    if (!command)
        return answers.failed(command.error(), request.from_command == "-" ? "standard input" : request.from_command);
    const auto forget = [&](std::string_view question) {
        command->ask.erase(std::remove(command->ask.begin(), command->ask.end(), question), command->ask.end());
    };
    const bool asks_model = std::find(command->ask.begin(), command->ask.end(), "the model") != command->ask.end();
    if (request.model)
        forget("the model");
    else if (asks_model)
        return answers.failed({"model", "the command names no model; give MODEL beside it"}, {});
    if (request.arguments.has("--gpu"))
        forget("the GPUs");
    Scenario scenario = command->scenario;
    if (scenario.model.kind == ModelReference::Kind::hub) // what is bundled needs no network
        if (auto preset = canonical_preset(scenario.model.text)) {
            scenario.model = {};
            scenario.model.text = std::move(*preset);
        }
    answers.name_command(std::move(*command));
    return answers.answer(scenario, {});
}

void answer_all(Answers& answers, const EstimateRequest& request, std::istream& in)
{
    if (request.arguments.has("--compare")) {
        compare_all(answers, request);
        return;
    }
    if (!request.from_command.empty()) {
        answer_command(answers, request, in);
        return;
    }
    if (request.scenarios.empty())
        answers.answer(Scenario{}, {});
    for (const std::string& path : request.scenarios) {
        const bool going_on =
            path == "-" ? answer_stream(answers, in) : answer_file(answers, path, request.scenarios.size() > 1);
        if (!going_on)
            return;
    }
}

ExitStatus answer_into_file(const EstimateRequest& request, std::istream& in, std::ostream& err,
                            const Environment& environment)
{
    ReplacedFile file(request.output);
    if (file.problem())
        return fail(err, *file.problem());
    Answers answers(request, environment, file.stream(), err);
    answer_all(answers, request, in);
    if (answers.status() == ExitStatus::unusable || answers.status() == ExitStatus::network_failed)
        return answers.status();
    if (const Outcome problem = file.commit())
        return fail(err, *problem);
    return answers.status();
}

} // namespace

ExitStatus run_estimate(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err,
                        const Environment& environment)
{
    const auto request = read_request(arguments);
    if (!request)
        return fail(err, request.error());
    if (request->arguments.has("--help")) {
        out << estimate_usage << options_help(estimate_options()) << statuses;
        return finish(out, err);
    }
    if (!request->output.empty() && request->format != ReportFormat::picture)
        return answer_into_file(*request, in, err, environment);
    Answers answers(*request, environment, out, err);
    answer_all(answers, *request, in);
    return answers.status() == ExitStatus::unusable ? answers.status() : finish(out, err, answers.status());
}

} // namespace weighbridge
