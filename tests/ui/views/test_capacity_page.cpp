#include "core/sources/presets.h"
#include "tests/ui/support/sample_estimate.h"
#include "ui/charts/capacity_chart.h"
#include "ui/export/capacity_picture.h"
#include "ui/form/field_note.h"
#include "ui/session/answers.h"
#include "ui/views/capacity_page.h"
#include "ui/widgets/table_sheet.h"

#include <gmock/gmock.h>

#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

namespace weighbridge {

namespace {

/// A real estimate: the page asks the core about it.
EstimatePointer estimateOf(const char* preset, const std::function<void(Scenario&)>& change = {})
{
    Question question;
    question.model = *preset_model(preset);
    question.accelerator = *Catalogue().find("h100_sxm_80");
    if (change)
        change(question.scenario);
    const auto result = estimate(question);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : nullptr;
}

/// The page as the window has it: what it wants is asked of the core.
class AnsweredPage : public CapacityPage
{
public:
    AnsweredPage()
    {
        connect(this, &CapacityPage::answersWanted, &answers_, &Answers::ask);
        connect(&answers_, &Answers::answered, this, &CapacityPage::showAnswers);
        resize(1000, 800);
        show();
    }
    void flush() { answers_.flush(); }

private:
    Answers answers_;
};

TableSheet& table(CapacityPage& page, const char* name)
{
    auto* found = page.findChild<TableSheet*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return *found;
}

QString capacityCell(const TableSheet& view, int row, int column)
{
    return view.model()->index(row, column).data().toString();
}

} // namespace

TEST(CapacityPage, ShowsWhatTheCoreAnswers)
{
    AnsweredPage page;
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    page.flush();
    ASSERT_NE(page.serving(), nullptr);
    const TableSheet& lengths = table(page, "capacity.lengths");
    ASSERT_EQ(lengths.model()->rowCount(), 5); // 8,192 is the scenario's own
    EXPECT_EQ(capacityCell(lengths, 0, 0), QStringLiteral("2,000"));
    EXPECT_EQ(capacityCell(lengths, 2, 0), QStringLiteral("8,192"));
    EXPECT_EQ(capacityCell(lengths, 2, 2), QStringLiteral("1.000")); // 128 KiB x 8,192
    ASSERT_NE(page.recommendations(), nullptr);
    EXPECT_EQ(capacityCell(table(page, "capacity.configurations"), 0, 0), QStringLiteral("g2-standard (GCP)"));
    EXPECT_EQ(page.findChild<CapacityChart*>(QStringLiteral("capacity.overContext"))->partCount(), 200u);
}

// While it is out of sight it costs nothing, and in sight it waits until the rest is painted.
TEST(CapacityPage, AsksOnlyInSight)
{
    AnsweredPage page;
    page.hide();
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    QTest::qWait(1);
    EXPECT_EQ(page.serving(), nullptr);
    page.show();
    EXPECT_EQ(page.serving(), nullptr);
    EXPECT_TRUE(QTest::qWaitFor([&] { return page.recommendations() != nullptr; }));
    const ServingPointer before = page.serving();
    page.hide();
    page.display({estimateOf("Qwen3-8B"), false, ByteUnit::gib});
    QTest::qWait(1);
    EXPECT_EQ(page.serving(), before);
}

// One truth: what may be used of a GPU is what the verdict says, also where the engine has an option of its own.
TEST(CapacityPage, GoesByTheLimitOfTheVerdict)
{
    AnsweredPage page;
    const EstimatePointer estimate = estimateOf("Llama-3.1-8B", [](Scenario& scenario) {
        scenario.inference.engine = "vllm";
        scenario.inference.vllm.gpu_memory_utilization = 0.5;
    });
    page.display({estimate, false, ByteUnit::gib});
    page.flush();
    ASSERT_NE(page.recommendations(), nullptr);
    EXPECT_EQ(page.findChild<QSpinBox*>(), nullptr);
    const Recommendations& shown = *page.recommendations();
    const auto row = std::find_if(shown.rows.begin(), shown.rows.end(), [&](const Recommendation& one) {
        return shown.configuration(one).id == "1x_h100_sxm_80";
    });
    ASSERT_NE(row, shown.rows.end());
    EXPECT_EQ(row->usable, estimate->fit.usable);
    const std::string limit = in_unit(estimate->fit.usable, ByteUnit::gib, 1);
    EXPECT_THAT(page.findChild<QLabel*>(QStringLiteral("capacity.recommended"))->text().toStdString(),
                ::testing::HasSubstr(limit));
}

TEST(CapacityPage, AnyLengthsAndConcurrenciesCanBeTyped)
{
    AnsweredPage page;
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    page.flush();
    const auto type = [&](const char* field, const char* text) {
        auto* edit = page.findChild<QWidget*>(QString::fromLatin1(field))->findChild<QLineEdit*>();
        edit->selectAll();
        QTest::keyClicks(edit, QString::fromLatin1(text));
        page.flush();
    };
    type("capacity.lengthsField", "4k, 1000");
    const TableSheet& lengths = table(page, "capacity.lengths");
    ASSERT_EQ(lengths.model()->rowCount(), 3); // with the scenario's own
    EXPECT_EQ(capacityCell(lengths, 0, 0), QStringLiteral("1,000"));
    EXPECT_EQ(capacityCell(lengths, 1, 0), QStringLiteral("4,096"));
    type("capacity.concurrenciesField", "7");
    const TableSheet& concurrencies = table(page, "capacity.concurrencies");
    ASSERT_EQ(concurrencies.model()->rowCount(), 2);
    EXPECT_EQ(capacityCell(concurrencies, 1, 0), QStringLiteral("7"));
    EXPECT_EQ(lengths.model()->rowCount(), 3);
}

TEST(CapacityPage, WhatIsNoListIsSaidInWords)
{
    AnsweredPage page;
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    page.flush();
    auto* field = page.findChild<QWidget*>(QStringLiteral("capacity.lengthsField"));
    auto* edit = field->findChild<QLineEdit*>();
    auto* note = field->findChild<FieldNote*>();
    EXPECT_TRUE(note->isHidden());
    for (const char* text : {"2000,,8000", "0", "many", "99999999999999"}) {
        edit->selectAll();
        QTest::keyClicks(edit, QString::fromLatin1(text));
        page.flush();
        EXPECT_FALSE(note->isHidden()) << text;
        EXPECT_THAT(note->text().toStdString(), ::testing::HasSubstr("Tokens per request is \"")) << text;
        EXPECT_THAT(note->text().toStdString(), ::testing::HasSubstr("with commas between them")) << text;
        EXPECT_TRUE(table(page, "capacity.lengths").isStale()) << text;
        EXPECT_FALSE(table(page, "capacity.concurrencies").isStale()) << text;
    }
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("2000, 8000, 32000, 128000"));
    EXPECT_TRUE(note->isHidden());
    EXPECT_FALSE(table(page, "capacity.lengths").isStale());
    edit->clear(); // the scenario's own is always there
    Q_EMIT edit->textEdited({});
    page.flush();
    EXPECT_EQ(table(page, "capacity.lengths").model()->rowCount(), 1);
}

// Answers about an estimate that is no longer the one in sight are not shown.
TEST(CapacityPage, AnswersThatComeTooLateAreNotShown)
{
    CapacityPage page;
    std::vector<std::pair<EstimatePointer, MoreAnswers>> asked;
    QObject::connect(&page, &CapacityPage::answersWanted, [&](const EstimatePointer& about, const MoreAnswers& wanted) {
        asked.emplace_back(about, wanted);
    });
    page.show();
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    page.display({estimateOf("Qwen3-8B"), false, ByteUnit::gib});
    ASSERT_EQ(asked.size(), 2u);
    page.showAnswers(asked[0].first, *with_answers(asked[0].first, asked[0].second));
    EXPECT_EQ(page.serving(), nullptr);
    page.showAnswers(asked[1].first, *with_answers(asked[1].first, asked[1].second));
    EXPECT_NE(page.serving(), nullptr);
}

TEST(CapacityPage, OfTrainingOnlyConfigurationsAreShown)
{
    AnsweredPage page;
    page.display(
        {estimateOf("Llama-3.1-8B", [](Scenario& scenario) { scenario.task = "train"; }), false, ByteUnit::gib});
    page.flush();
    EXPECT_EQ(page.serving(), nullptr);
    EXPECT_TRUE(table(page, "capacity.lengths").isHidden() ||
                table(page, "capacity.lengths").parentWidget()->isHidden());
    EXPECT_GT(table(page, "capacity.configurations").model()->rowCount(), 0);
}

TEST(CapacityPage, RemarksAreSaid)
{
    AnsweredPage page;
    page.display({estimateOf("Meta-Llama-3-8B"), false, ByteUnit::gib}); // made for 8,192 tokens
    page.flush();
    EXPECT_THAT(page.findChild<QLabel*>(QStringLiteral("capacity.remarks"))->text().toStdString(),
                ::testing::HasSubstr("8,192"));
    EXPECT_TRUE(capacityCell(table(page, "capacity.lengths"), 4, 1).startsWith(u'*'));
}

TEST(CapacityPage, ExportsPictureAndTables)
{
    AnsweredPage page;
    page.display({estimateOf("Llama-3.1-8B"), false, ByteUnit::gib});
    page.flush();
    std::vector<WantedFile> wanted;
    QObject::connect(&page, &CapacityPage::exportWanted, [&](const WantedFile& one) { wanted.push_back(one); });
    for (const char* button : {"capacity.png", "capacity.csv"})
        QMetaObject::invokeMethod(page.findChild<QWidget*>(QString::fromLatin1(button)), "click");
    ASSERT_EQ(wanted.size(), 2u);
    const auto png = wanted[0].bytes();
    ASSERT_TRUE(png);
    EXPECT_TRUE(png->startsWith("\x89PNG"));
    const auto csv = wanted[1].bytes();
    ASSERT_TRUE(csv);
    EXPECT_TRUE(csv->startsWith("serving_length,max_concurrent_sequences,"));
    EXPECT_TRUE(csv->contains("\r\ng2-standard,"));
}

} // namespace weighbridge
