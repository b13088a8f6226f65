// The tasks fine-tune and train: their switch, their fields, and what views say of them.

#include "tests/ui/window/window_fixture.h"

#include "core/fields/fields.h"
#include "ui/charts/moments_chart.h"
#include "ui/form/choice_edit.h"
#include "ui/form/scenario_files.h"
#include "ui/form/task_switch.h"
#include "ui/theme/verdict_text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/table_sheet.h"

#include <QAction>
#include <QFile>
#include <QHeaderView>

namespace weighbridge::test {

namespace {

bool isOfTraining(const ScenarioField& field)
{
    return field.key.starts_with("fine_tune.") || field.key.starts_with("train.");
}

class TrainingTest : public WindowTest
{
protected:
    void choose(int task)
    {
        find<TaskSwitch>(u"task"_s)->setCurrentIndex(task);
        settle();
    }
};

TEST_F(TrainingTest, ArrowKeysTakeTheNextTaskAndUndoGivesItBack)
{
    open();
    auto* tasks = find<TaskSwitch>(u"task"_s);
    tasks->setFocus(Qt::TabFocusReason);
    QTest::keyClick(tasks, Qt::Key_Right);
    settle();
    EXPECT_EQ(session().scenario().task, "fine_tune");
    QTest::keyClick(tasks, Qt::Key_Right);
    settle();
    EXPECT_EQ(session().scenario().task, "train");
    session().undoStack().undo();
    session().undoStack().undo();
    settle();
    EXPECT_EQ(session().scenario().task, "inference");
    EXPECT_EQ(tasks->currentIndex(), 0);
}

TEST_F(TrainingTest, EveryOptionOfATaskHasARowThatIsMadeWhenTheTaskIsFirstChosen)
{
    open();
    for (const ScenarioField& field : scenario_fields())
        if (isOfTraining(field)) {
            EXPECT_EQ(window->findChild<QWidget*>(toQt(field.key)), nullptr) << field.key;
        }
    int task = 0;
    for (const char* name : {"fine_tune", "train"}) {
        choose(++task);
        session().setField(toQt(name) + ".method"_L1, u"qlora"_s);
        session().setField(toQt(name) + ".optimizer"_L1, u"galore"_s);
        session().setField(toQt(name) + ".precision_recipe"_L1, u"fp8_mixed"_s);
        settle();
        for (const ScenarioField& field : scenario_fields()) {
            if (!isOfTraining(field))
                continue;
            // Options of one trainer are there with it.
            const bool wanted = field.key.starts_with(name) && concerns_task(session().scenario(), field);
            EXPECT_EQ(form().reveal(toQt(field.key)), wanted) << field.key;
            EXPECT_NE(form().labelOf(toQt(field.key)), toQt(field.key)) << field.key;
        }
    }
}

TEST_F(TrainingTest, FieldsOfInferenceAreOutOfSightAndKeepWhatWasTyped)
{
    open();
    type(u"inference.sequence_length"_s, u"32k"_s);
    choose(1);
    for (const QString& key : {u"inference.sequence_length"_s, u"inference.engine"_s, u"precision.kv_cache"_s,
                               u"precision.activations"_s, u"inference.overhead_kind"_s})
        EXPECT_FALSE(form().reveal(key)) << key.toStdString();
    EXPECT_TRUE(session().issues().empty()) << session().issues().front().message;
    type(u"fine_tune.micro_batch_size"_s, u"4"_s);
    choose(0);
    EXPECT_EQ(session().scenario().inference.sequence_length, 32768);
    EXPECT_TRUE(find(u"inference.sequence_length"_s)->isVisible());
    EXPECT_FALSE(find(u"fine_tune.micro_batch_size"_s)->isVisible());
    EXPECT_TRUE(session().issues().empty()) << session().issues().front().message;
    choose(1);
    EXPECT_EQ(session().scenario().fine_tune.micro_batch_size, 4);
    EXPECT_EQ(find<QLineEdit>(u"fine_tune.micro_batch_size"_s)->text(), u"4"_s);
}

TEST_F(TrainingTest, WhatIsLeftOpenShowsWhatTheFrameworkDoes)
{
    open();
    choose(2);
    session().setField(u"train.framework"_s, u"megatron"_s);
    settle();
    ASSERT_TRUE(form().reveal(u"train.zero_stage"_s));
    settle();
    // Megatron's distributed optimizer shares the states, and its gradient buffer is in fp32.
    EXPECT_EQ(find<QLineEdit>(u"train.zero_stage"_s)->placeholderText(), u"1"_s);
    ASSERT_TRUE(form().reveal(u"train.gradient_dtype"_s));
    settle();
    EXPECT_EQ(session().state().estimate->training->used.gradient_dtype, "fp32");
}

TEST_F(TrainingTest, QloraShowsTheFormatThatItsBaseIsKeptIn)
{
    open();
    choose(1);
    auto* weights = find<ChoiceEdit>(u"precision.weights"_s);
    EXPECT_TRUE(weights->isVisible());
    EXPECT_EQ(weights->currentData().toString(), u"bf16"_s);
    session().setField(u"fine_tune.method"_s, u"qlora"_s);
    settle();
    EXPECT_EQ(weights->currentData().toString(), u"bnb_nf4"_s);
    EXPECT_EQ(session().scenario().precision.weights, std::nullopt) << "what is shown is not what was chosen";
    session().setField(u"fine_tune.method"_s, u"full"_s);
    settle();
    EXPECT_FALSE(weights->isVisible());
}

TEST_F(TrainingTest, WordsAreThoseOfTraining)
{
    open();
    choose(2);
    const auto& estimate = *session().state().estimate;
    const QString context = find<QLabel>(u"verdictContext"_s)->text();
    EXPECT_TRUE(context.startsWith(u"peak at "_s)) << context.toStdString();
    const QString below = find<ElidedLabel>(u"summaryCapacity"_s)->fullText();
    EXPECT_TRUE(below.contains(u"allocated"_s) && below.contains(u"reserved"_s)) << below.toStdString();
    EXPECT_FALSE(below.contains(u"fit"_s)) << below.toStdString();
    // 8.03 B parameters at 16 bytes exceed 80 GB; replicas hold all of them each, so no number of GPUs looked for does.
    ASSERT_EQ(estimate.fit.verdict, Verdict::exceeds);
    EXPECT_TRUE(verdictSentence(estimate.fit, ByteUnit::gib).contains(u"GPU"_s));
    EXPECT_TRUE(verdictShort(estimate.fit).contains(u"small"_s));
}

TEST_F(TrainingTest, AScenarioOfATaskIsSavedAndOpenedAgain)
{
    open();
    choose(1);
    type(u"fine_tune.sequence_length"_s, u"4k"_s);
    nextPath = folder.filePath(u"lora.json"_s);
    trigger(u"file.save"_s);
    session().undoStack().undo();
    choose(0);
    trigger(u"file.open"_s);
    EXPECT_EQ(session().scenario().task, "fine_tune");
    EXPECT_EQ(session().scenario().fine_tune.sequence_length, 4096);
    EXPECT_EQ(find<TaskSwitch>(u"task"_s)->currentIndex(), 1);
    for (const QString& ending : {u"png"_s, u"csv"_s, u"md"_s}) {
        nextPath = folder.filePath(u"out."_s + ending);
        trigger(u"export."_s + ending);
        EXPECT_GT(QFile(nextPath).size(), 300) << ending.toStdString();
    }
}

TEST_F(TrainingTest, MomentsStandSideBySideWithThePeakMarked)
{
    open();
    EXPECT_EQ(window->findChild<QWidget*>(u"moments"_s), nullptr);
    choose(2);
    auto* chart = find<MomentsChart>(u"momentsChart"_s);
    const TrainingMemory& memory = *session().state().estimate->training;
    const MomentsLayout& layout = chart->chartLayout();
    ASSERT_EQ(layout.bars.size(), memory.stage().moments.size());
    for (std::size_t i = 0; i < layout.bars.size(); ++i) {
        const MomentBar& bar = layout.bars[i];
        const std::size_t moment = (i + layout.bars.size() - 1) % layout.bars.size(); // loading, the last, stands first
        EXPECT_EQ(bar.peak, moment == memory.stage().peak);
        EXPECT_EQ(bar.name.contains(u"peak"_s), bar.peak) << bar.name.toStdString();
        // Bytes in proportion: a bar is as long, seen from the capacity's line, as the moment is large.
        const auto bytes = memory.stage().moments[moment].total.count + memory.overhead.bytes.count;
        const double share =
            static_cast<double>(bytes) / static_cast<double>(session().state().estimate->fit.capacity.count);
        ASSERT_FALSE(bar.segments.empty());
        EXPECT_NEAR(bar.segments.back().rect.right() - layout.plot.left(),
                    share * (layout.capacityX - layout.plot.left()), 0.5);
        EXPECT_FALSE(bar.label.rect.intersects(layout.plot.adjusted(1, 0, 0, 0)));
        EXPECT_LE(bar.value.rect.right(), chart->width()) << bar.name.toStdString();
    }
    // The page makes room for a legend of several lines in a turn of its own.
    EXPECT_TRUE(QTest::qWaitFor([&] { return layout.legend.back().label.rect.bottom() <= chart->height(); }));
    EXPECT_TRUE(find<QLabel>(u"momentsSentence"_s)->text().startsWith(u"Peak at "_s));
    chart->setFocus(Qt::TabFocusReason);
    QTest::keyClick(chart, Qt::Key_Down);
    EXPECT_EQ(chart->currentPart(), 1U);
    choose(0);
    EXPECT_EQ(window->findChild<QWidget*>(u"moments"_s), nullptr);
}

TEST_F(TrainingTest, StagesAreListedWhereThereIsMoreThanOne)
{
    open();
    choose(2);
    EXPECT_EQ(window->findChild<QWidget*>(u"stages"_s), nullptr);
    type(u"hardware.pipeline_parallel"_s, u"4"_s);
    const TrainingMemory& memory = *session().state().estimate->training;
    auto* table = find<TableSheet>(u"stages"_s);
    const auto& rows = table->tableModel().shown().rows;
    ASSERT_EQ(rows.size(), 4U);
    std::int64_t layers = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const TrainingStage& stage = memory.stages[i];
        EXPECT_EQ(rows[i].emphasis == Emphasis::strong, i == memory.fullest);
        EXPECT_EQ(toQt(rows[i].cells[0].text).contains(u"fullest"_s), i == memory.fullest);
        ASSERT_EQ(rows[i].cells.size(), 6 + stage.moments.size());
        layers += toQt(rows[i].cells[1].text).toInt();
        EXPECT_EQ(rows[i].cells[2].value, Value(stage.parameters));
        for (std::size_t moment = 0; moment < stage.moments.size(); ++moment)
            EXPECT_EQ(rows[i].cells[4 + moment].value, Value(stage.moments[moment].total.count));
    }
    EXPECT_EQ(layers, session().model()->architecture.layers());
}

TEST_F(TrainingTest, StagesAreSortedByTheirHeadingsAndByTheMenu)
{
    open();
    choose(2);
    type(u"hardware.pipeline_parallel"_s, u"4"_s);
    auto* table = find<TableSheet>(u"stages"_s);
    const auto& shown = table->tableModel().shown();
    const int peak = static_cast<int>(shown.columns.size()) - 2;
    Q_EMIT table->header()->sectionClicked(peak);
    Q_EMIT table->header()->sectionClicked(peak);
    EXPECT_TRUE(shown.rows.front().emphasis == Emphasis::strong) << "the fullest comes first";
    for (QAction* action : table->actions())
        if (action->text() == u"Sort by Stage"_s)
            action->trigger();
    EXPECT_EQ(toQt(shown.rows.front().cells[0].text).left(1), u"0"_s);
    type(u"hardware.pipeline_parallel"_s, u"1"_s);
    EXPECT_EQ(window->findChild<QWidget*>(u"stages"_s), nullptr);
}

TEST_F(TrainingTest, WhatWouldLowerThePeakIsSaidOnceItIsKnown)
{
    open();
    choose(1);
    session().setField(u"fine_tune.loss"_s, u"fp32_upcast"_s);
    session().flush();
    auto* words = find<QLabel>(u"momentsSavings"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !words->isHidden(); }));
    EXPECT_TRUE(words->text().contains(u"a fused linear cross entropy would save "_s)) << words->text().toStdString();
    session().setField(u"fine_tune.loss"_s, u"fused_linear"_s);
    settle();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !words->text().contains(u"cross entropy"_s); }));
}

TEST_F(TrainingTest, ATrainingStepHasNoCacheToDerive)
{
    open();
    EXPECT_NE(window->findChild<QWidget*>(u"cacheDerivation"_s), nullptr);
    choose(1);
    EXPECT_EQ(window->findChild<QWidget*>(u"cacheDerivation"_s), nullptr);
    EXPECT_TRUE(find(u"modelParameters"_s)->isVisible());
    choose(0);
    EXPECT_TRUE(find(u"cacheDerivation"_s)->isVisible());
}

TEST_F(TrainingTest, TheRooflineIsOfOnePhase)
{
    open();
    choose(2);
    trigger(u"view.speed"_s);
    settle();
    EXPECT_FALSE(find(u"speed.phase"_s)->isVisible());
    EXPECT_TRUE(find<QLabel>(u"rooflineSentence"_s)->text().contains(u"forward plus backward"_s));
    choose(0);
    EXPECT_TRUE(find(u"speed.phase"_s)->isVisible());
}

} // namespace

} // namespace weighbridge::test
