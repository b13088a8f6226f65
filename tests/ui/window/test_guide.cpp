// Guided Setup: the appendix's decisions one after the other, ending in the normal form.

#include "tests/ui/window/window_fixture.h"

#include "core/estimate/estimate.h"
#include "ui/guide/guide_steps.h"
#include "ui/guide/guide_window.h"
#include "ui/guide/step_bar.h"
#include "ui/widgets/table_sheet.h"

#include <QAccessible>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QMimeData>
#include <QPushButton>

namespace weighbridge::test {

namespace {

class GuideTest : public WindowTest
{
protected:
    GuideWindow* guide() const { return window->findChild<GuideWindow*>(u"guide"_s); }
    Session& tried() { return guide()->session(); }

    void openGuide()
    {
        open();
        trigger(u"file.guide"_s);
        ASSERT_NE(guide(), nullptr);
        ASSERT_TRUE(QTest::qWaitForWindowActive(guide()));
    }

    void settleGuide()
    {
        guide()->flush();
        QApplication::processEvents();
        QApplication::processEvents();
    }

    /// As a person would: by the mnemonic of the button.
    void goNext()
    {
        find<QPushButton>(u"guide.next"_s)->click();
        if (guide() != nullptr)
            settleGuide();
    }

    void set(const QString& key, const QString& text)
    {
        tried().setField(key, text);
        settleGuide();
    }

    QString words(const QString& name) const { return find<QLabel>(name)->text(); }
    QString cell(const QString& table, int row, int column) const
    {
        return find<TableSheet>(table)->model()->index(row, column).data().toString();
    }
    int rowsOf(const QString& table) const { return find<TableSheet>(table)->model()->rowCount(); }
};

} // namespace

TEST(GuideSteps, EveryFieldIsARowOfTheForm)
{
    std::size_t count = 0;
    for (const DecisionStep step : guideSteps) {
        EXPECT_FALSE(stepTitle(step).isEmpty());
        EXPECT_FALSE(stepQuestion(step).isEmpty());
        EXPECT_FALSE(stepHelp(step).isEmpty());
        EXPECT_FALSE(stepGroups(step).empty());
        count += stepFields(step).size();
    }
    EXPECT_EQ(count, 35u);
}

TEST_F(GuideTest, IsAWindowOfItsOwnThatBlocksNothing)
{
    openGuide();
    EXPECT_TRUE(guide()->isWindow());
    EXPECT_FALSE(guide()->isModal());
    EXPECT_EQ(guide()->step(), 0u);
    trigger(u"file.guide"_s);
    EXPECT_EQ(window->findChildren<GuideWindow*>().size(), 1);
    window->close();
    EXPECT_TRUE(guide() == nullptr || !guide()->isVisible());
}

TEST_F(GuideTest, GoesThroughTheFourStepsAndFillsInTheForm)
{
    openGuide();
    session().setField(u"hardware.tensor_parallel"_s, u"4"_s);
    settle();
    const Scenario before = session().scenario();
    const int steps = session().undoStack().count();

    set(u"inference.engine"_s, u"vllm"_s);
    EXPECT_TRUE(words(u"guide.decided.words"_s).contains(u"KV cache"_s));
    goNext();
    EXPECT_EQ(guide()->step(), 1u);
    set(u"precision.weights"_s, u"fp8"_s);
    EXPECT_TRUE(words(u"guide.decided.words"_s).contains(u"8.03"_s)) << words(u"guide.decided.words"_s).toStdString();
    goNext();
    EXPECT_EQ(guide()->step(), 2u);
    set(u"inference.sequence_length"_s, u"32k"_s);
    set(u"inference.concurrent_sequences"_s, u"4"_s);
    EXPECT_TRUE(words(u"guide.decided.words"_s).contains(u"32,768 tokens × 4 sequences"_s));
    goNext();
    EXPECT_EQ(guide()->step(), 3u);
    EXPECT_EQ(session().scenario(), before) << "nothing is changed before Finish";

    find<QPushButton>(u"guide.next"_s)->click();
    settle();
    EXPECT_FALSE(guide() != nullptr && guide()->isVisible());
    const Scenario& after = session().scenario();
    EXPECT_EQ(after.inference.engine, "vllm");
    EXPECT_EQ(after.precision.weights, "fp8");
    EXPECT_EQ(after.inference.sequence_length, 32768);
    EXPECT_EQ(after.inference.concurrent_sequences, 4);
    EXPECT_NE(session().state().estimate->fit.verdict, Verdict::exceeds);
    EXPECT_FALSE(session().state().stale);

    EXPECT_EQ(session().undoStack().count(), steps + 1);
    EXPECT_EQ(session().undoStack().undoText(), u"Guided Setup"_s);
    trigger(u"edit.undo"_s);
    EXPECT_EQ(session().scenario(), before);
    trigger(u"edit.redo"_s);
    EXPECT_EQ(session().scenario().inference.sequence_length, 32768);
}

TEST_F(GuideTest, TheSmallestThatHoldsItIsTaken)
{
    openGuide();
    tried().setModel(*loadPreset(u"Llama-3.1-70B"_s));
    guide()->goTo(3);
    settleGuide();
    // 131.4 GiB of weights: no GPU of 80 GB holds them alone, and the table begins with the smallest.
    const Scenario& scenario = tried().scenario();
    EXPECT_TRUE(scenario.hardware.tensor_parallel > 1 || scenario.hardware.accelerator != "h100_sxm_80");
    EXPECT_TRUE(cell(u"guide.choices"_s, 0, 1).contains(toQt(tried().accelerator().card_name())));
    EXPECT_NE(tried().state().estimate->fit.verdict, Verdict::exceeds);
    ASSERT_GT(rowsOf(u"guide.choices"_s), 1);
    EXPECT_TRUE(words(u"guide.choices.words"_s).contains(cell(u"guide.choices"_s, 0, 0)));
    // Less to hold: decided anew, as nobody chose.
    const std::string first = scenario.hardware.accelerator;
    const std::int64_t gpus = scenario.hardware.tensor_parallel;
    tried().setModel(*loadPreset(u"Llama-3.1-8B"_s));
    settleGuide();
    EXPECT_TRUE(tried().scenario().hardware.accelerator != first || tried().scenario().hardware.tensor_parallel < gpus);
    // Somebody chose: it stays.
    set(u"hardware.accelerator"_s, u"b200_sxm"_s);
    set(u"precision.weights"_s, u"fp8"_s);
    EXPECT_EQ(tried().scenario().hardware.accelerator, "b200_sxm");
}

// The book names GPUs by printed memory alone; what the verdict rejects is said beside it.
TEST_F(GuideTest, GpusThatTheEngineRefusesAreNotLeftStanding)
{
    openGuide();
    tried().setModel(*loadPreset(u"Llama-3.1-70B"_s));
    set(u"inference.engine"_s, u"vllm"_s);
    set(u"inference.sequence_length"_s, u"32k"_s);
    set(u"inference.concurrent_sequences"_s, u"16"_s); // 141 GB of weights and 172 GB of cache
    guide()->goTo(3);
    EXPECT_EQ(words(u"guide.decided.remarks"_s), QString()) << "nothing is named before it was looked up";
    settleGuide();
    const QString said = words(u"guide.decided.remarks"_s);
    EXPECT_TRUE(said.contains(u"Mac Studio M3 Ultra"_s)) << said.toStdString();
    EXPECT_TRUE(said.contains(u"Not here: vLLM doesn't run on M3 Ultra"_s)) << said.toStdString();
}

TEST_F(GuideTest, ARowIsTakenByEnterAndByAClick)
{
    openGuide();
    guide()->goTo(3);
    settleGuide();
    auto* table = find<TableSheet>(u"guide.choices"_s);
    const QString wanted = cell(u"guide.choices"_s, 2, 1); // "1 × RTX 5090 32 GB"
    table->setFocus();
    table->setCurrentIndex(table->model()->index(2, 0));
    QTest::keyClick(table, Qt::Key_Return);
    settleGuide();
    EXPECT_TRUE(wanted.contains(toQt(tried().accelerator().card_name()))) << wanted.toStdString();
    EXPECT_EQ(table->tableModel().shown().rows[2].emphasis, Emphasis::strong);

    auto* instead = find<TableSheet>(u"guide.instead"_s);
    Q_EMIT instead->clicked(instead->model()->index(1, 0));
    settleGuide();
    EXPECT_EQ(tried().scenario().precision.weights, "fp8");
    EXPECT_EQ(instead->tableModel().shown().rows[1].emphasis, Emphasis::strong);
}

TEST_F(GuideTest, CancelChangesNothing)
{
    openGuide();
    const Scenario before = session().scenario();
    const int steps = session().undoStack().count();
    tried().setModel(*loadPreset(u"Llama-3.1-70B"_s));
    set(u"task"_s, u"train"_s);
    guide()->goTo(3);
    settleGuide();
    QTest::keyClick(guide(), Qt::Key_Escape);
    settle();
    EXPECT_FALSE(guide() != nullptr && guide()->isVisible());
    EXPECT_EQ(session().scenario(), before);
    EXPECT_EQ(session().undoStack().count(), steps);
}

TEST_F(GuideTest, KeysAloneGoThroughIt)
{
    openGuide();
    QWidget* focus = QApplication::focusWidget();
    ASSERT_NE(focus, nullptr);
    EXPECT_EQ(focus->objectName(), u"task"_s);
    QTest::keyClick(focus, Qt::Key_Right);
    settleGuide();
    EXPECT_EQ(tried().scenario().task, "fine_tune");
    QTest::keyClick(guide(), Qt::Key_Right, Qt::AltModifier);
    QApplication::processEvents();
    EXPECT_EQ(guide()->step(), 1u);
    EXPECT_EQ(QApplication::focusWidget()->objectName(), u"model"_s);
    QTest::keyClick(guide(), Qt::Key_Return, Qt::ControlModifier);
    QApplication::processEvents();
    EXPECT_EQ(guide()->step(), 2u);
    EXPECT_EQ(QApplication::focusWidget()->objectName(), u"fine_tune.sequence_length"_s);
    QTest::keyClicks(QApplication::focusWidget(), u"4k"_s);
    settleGuide();
    EXPECT_EQ(tried().scenario().fine_tune.sequence_length, 4096);
    QTest::keyClick(guide(), Qt::Key_Left, Qt::AltModifier);
    QApplication::processEvents();
    EXPECT_EQ(guide()->step(), 1u);
    // The bar of steps itself.
    auto* bar = find<StepBar>(u"guide.steps"_s);
    bar->setFocus();
    QTest::keyClick(bar, Qt::Key_End);
    EXPECT_EQ(guide()->step(), 1u);
    QTest::keyClick(bar, Qt::Key_Return);
    EXPECT_EQ(guide()->step(), 3u);
    // Undo is the guide's own.
    QTest::keyClick(guide(), Qt::Key_Z, Qt::ControlModifier);
    QTest::keyClick(guide(), Qt::Key_Z, Qt::ControlModifier);
    QApplication::processEvents();
    EXPECT_EQ(session().scenario().task, "inference");
}

TEST_F(GuideTest, TabGoesFromTheStepsOverTheFieldsToTheFiguresAndTheButtons)
{
    openGuide();
    guide()->goTo(2);
    settleGuide();
    find<StepBar>(u"guide.steps"_s)->setFocus();
    QStringList names;
    for (int i = 0; i < 7; ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        names << QApplication::focusWidget()->objectName();
    }
    const QStringList expected = {u"inference.sequence_length"_s,
                                  u"inference.concurrent_sequences"_s,
                                  u"precision.kv_cache"_s,
                                  u"guide.decided"_s,
                                  u"guide.cancel"_s,
                                  u"guide.back"_s,
                                  u"guide.next"_s};
    EXPECT_EQ(names, expected) << names.join(u' ').toStdString();
}

TEST_F(GuideTest, SaysToScreenReadersWhereItIs)
{
    openGuide();
    guide()->goTo(1);
    auto* bar = find<StepBar>(u"guide.steps"_s);
    EXPECT_TRUE(guide()->windowTitle().contains(u"2 of 4"_s));
    EXPECT_TRUE(bar->partName(1).startsWith(u"Step 2 of 4, Model"_s));
    EXPECT_TRUE(bar->partName(1).contains(u"Llama-3.1-8B"_s));
    EXPECT_TRUE(bar->partSelected(1));
    EXPECT_FALSE(bar->partSelected(0));
    EXPECT_TRUE(bar->partName(3).contains(u"to be decided"_s));
    for (const QString& name : {u"guide.next"_s, u"guide.back"_s, u"guide.cancel"_s})
        EXPECT_TRUE(find<QPushButton>(name)->text().contains(u'&')) << name.toStdString();
    EXPECT_FALSE(find<TableSheet>(u"guide.decided"_s)->accessibleName().isEmpty());
}

TEST_F(GuideTest, WhatCantBeUsedIsMendedBeforeTheNextStep)
{
    openGuide();
    guide()->goTo(2);
    set(u"inference.sequence_length"_s, u"many"_s);
    EXPECT_FALSE(find<QPushButton>(u"guide.next"_s)->isEnabled());
    EXPECT_FALSE(words(u"guide.message"_s).isEmpty());
    QTest::keyClick(guide(), Qt::Key_Return, Qt::ControlModifier);
    EXPECT_EQ(guide()->step(), 2u);
    set(u"inference.sequence_length"_s, u"4096"_s);
    EXPECT_TRUE(find<QPushButton>(u"guide.next"_s)->isEnabled());
    EXPECT_TRUE(words(u"guide.message"_s).isEmpty());
}

TEST_F(GuideTest, ALayoutOfAnotherModelIsForgotten)
{
    open();
    type(u"hardware.tensor_parallel"_s, u"8"_s);
    trigger(u"file.guide"_s);
    ASSERT_NE(guide(), nullptr);
    tried().setModel(*loadPreset(u"gpt2-xl"_s)); // 25 heads
    settleGuide();
    EXPECT_TRUE(find<QPushButton>(u"guide.next"_s)->isEnabled());
    EXPECT_FALSE(tried().state().stale);
    guide()->goTo(3);
    settleGuide();
    EXPECT_EQ(tried().state().estimate->fit.verdict, Verdict::fits);
}

TEST_F(GuideTest, EveryTaskEndsInAFormWithoutErrors)
{
    struct Case
    {
        const char* preset;
        const char* task;
        const char* key;
        const char* value;
    };
    constexpr std::array cases = {
        Case{"Llama-3.1-8B", "inference", "inference.engine", "llama.cpp"},
        Case{"DeepSeek-V3", "inference", "inference.engine", "vllm"},
        Case{"Llama-3.1-8B", "fine_tune", "fine_tune.method", "qlora"},
        Case{"Llama-3.1-8B", "train", "train.fsdp", "true"},
        Case{"NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16", "train", "train.optimizer", "adamw"}, // nothing holds it
    };
    for (const Case& chosen : cases) {
        SCOPED_TRACE(chosen.preset);
        openGuide();
        tried().setModel(*loadPreset(QString::fromLatin1(chosen.preset)));
        set(u"task"_s, QString::fromLatin1(chosen.task));
        set(QString::fromLatin1(chosen.key), QString::fromLatin1(chosen.value));
        for (int step = 0; step < 3; ++step) {
            EXPECT_FALSE(words(u"guide.decided.words"_s).isEmpty()) << step;
            EXPECT_GT(rowsOf(u"guide.decided"_s), 1) << step;
            goNext();
        }
        EXPECT_GT(rowsOf(u"guide.instead"_s), 1);
        goNext();
        settle();
        EXPECT_EQ(session().scenario().task, chosen.task);
        EXPECT_FALSE(session().state().stale);
        EXPECT_EQ(session().model()->name, chosen.preset);
    }
}

TEST_F(GuideTest, FilesAreForTheModelStep)
{
    openGuide();
    tried().flush();
    const QString path = write(u"scenario.json"_s, R"({"model": "gpt2-xl", "task": "inference"})");
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(guide(), &enter);
    EXPECT_TRUE(enter.isAccepted());
    QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(guide(), &drop);
    EXPECT_EQ(guide()->step(), 1u);
    EXPECT_TRUE(words(u"guide.message"_s).contains(u"whole scenario"_s) ||
                find<QLabel>(u"guide.message"_s)->toolTip().contains(u"whole scenario"_s));
}

TEST_F(GuideTest, WhatTakesLongerComesInPieces)
{
    openGuide();
    tried().setModel(*loadPreset(u"DeepSeek-V3"_s));
    set(u"inference.engine"_s, u"vllm"_s);
    guide()->goTo(3);
    qint64 longest = 0;
    int turns = 0;
    QElapsedTimer timer;
    for (; turns < 100 && rowsOf(u"guide.instead"_s) < 4; ++turns) {
        timer.start();
        QApplication::processEvents(QEventLoop::AllEvents, 1);
        longest = std::max(longest, timer.elapsed());
    }
    EXPECT_GE(rowsOf(u"guide.instead"_s), 4);
    EXPECT_GT(turns, 3); // each alternative in a turn of its own
    RecordProperty("ms_longest", static_cast<int>(longest));
}

TEST_F(GuideTest, AKeyPressIsAnsweredAtOnce)
{
    openGuide();
    guide()->goTo(2);
    settleGuide();
    auto* edit = guide()->findChild<LineEdit*>(u"inference.sequence_length"_s);
    ASSERT_NE(edit, nullptr);
    edit->setFocus();
    QElapsedTimer timer;
    timer.start();
    constexpr int presses = 20;
    for (int i = 0; i < presses; ++i) {
        QTest::keyClick(edit, i % 2 == 0 ? Qt::Key_1 : Qt::Key_Backspace);
        QApplication::processEvents();
    }
    // The aim is 8 ms; a shared machine under sanitizers is slower, a freeze is another order.
    EXPECT_LT(timer.elapsed() / presses, 200);
    RecordProperty("ms_per_key", static_cast<int>(timer.elapsed() / presses));
}

} // namespace weighbridge::test
