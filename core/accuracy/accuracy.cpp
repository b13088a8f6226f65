#include "core/accuracy/accuracy.h"

#include "core/accuracy/causes.h"

namespace weighbridge {

namespace {

/// One set on its way: a run at a time, so that progress can be told and work can stop.
class SetWork
{
public:
    SetWork(const MeasuredSet& set, const MissCauses& causes) : records_(set.records()), causes_(causes)
    {
        result_.set = &set;
        result_.runs.reserve(records_.size());
        for (const AccuracyFigure& figure : set.figures)
            result_.figures.push_back({&figure, {}, {}, {}});
    }

    std::size_t size() const { return records_.size(); }

    void take(std::size_t index, MeasuredModels& models)
    {
        const Record& record = records_[index];
        auto run = result_.set->read(record, models);
        if (!run) {
            result_.left_out.push_back({run_id(record, index), run.error().message});
            return;
        }
        const auto answer = estimate(run->question, Detail::memory);
        if (!answer) {
            result_.left_out.push_back({run->id, answer.error().message});
            return;
        }
        for (FigureAccuracy& figure : result_.figures)
            compare(figure, *run, **answer);
        result_.runs.push_back(std::move(*run));
    }

    SetAccuracy finish()
    {
        for (FigureAccuracy& figure : result_.figures) {
            std::vector<const Comparison*> comparisons;
            comparisons.reserve(figure.points.size());
            for (const AccuracyPoint& point : figure.points)
                comparisons.push_back(&point.comparison);
            figure.summary = summarize(*figure.figure, comparisons);
        }
        return std::move(result_);
    }

private:
    std::string run_id(const Record& record, std::size_t index) const
    {
        const std::string id = record.text("id");
        return id.empty() ? std::string(result_.set->id) + " row " + std::to_string(index + 1) : id;
    }

    void compare(FigureAccuracy& figure, const MeasuredRun& run, const Estimate& answer)
    {
        FigureOutcome outcome = figure.figure->compare(run, answer);
        if (!outcome.left_out.empty())
            figure.left_out.push_back({run.id, std::move(outcome.left_out)});
        if (!outcome.comparison)
            return;
        AccuracyPoint point;
        point.run = result_.runs.size();
        point.error = comparison_error(figure.figure->bar, *outcome.comparison);
        point.within = within_bar(figure.figure->bar, *outcome.comparison);
        point.comparison = std::move(*outcome.comparison);
        if (point.misses())
            point.cause = causes_.of(run.id, figure.figure->id);
        figure.points.push_back(std::move(point));
    }

    std::vector<Record> records_;
    const MissCauses& causes_;
    SetAccuracy result_;
};

} // namespace

SetAccuracy measure_set(const MeasuredSet& set)
{
    const MissCauses causes;
    MeasuredModels models;
    SetWork work(set, causes);
    for (std::size_t index = 0; index < work.size(); ++index)
        work.take(index, models);
    return work.finish();
}

AccuracyPointer measure_accuracy(const AccuracyProgress& progress)
{
    const MissCauses causes;
    MeasuredModels models;
    std::vector<SetWork> works;
    works.reserve(measured_sets().size());
    std::size_t all = 0;
    for (const MeasuredSet& set : measured_sets())
        all += works.emplace_back(set, causes).size();

    auto accuracy = std::make_shared<Accuracy>();
    std::size_t done = 0;
    for (SetWork& work : works) {
        for (std::size_t index = 0; index < work.size(); ++index, ++done) {
            if (progress && !progress(done, all))
                return nullptr;
            work.take(index, models);
        }
        accuracy->sets.push_back(work.finish());
    }
    return accuracy;
}

} // namespace weighbridge
