#include "tests/ui/support/sample_estimate.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/theme/verdict_text.h"
#include "ui/views/model_panel.h"
#include "ui/views/summary_bar.h"
#include "ui/views/verdict_header.h"
#include "ui/widgets/elided_label.h"

#include <gmock/gmock.h>

#include <QLabel>

namespace weighbridge {

using testing::HasSubstr;
using testing::Not;

namespace {

QString labelText(const QWidget& parent, const char* name)
{
    const auto* label = parent.findChild<QLabel*>(QString::fromLatin1(name));
    return label ? label->text() : QString();
}

} // namespace

TEST(VerdictHeader, SaysHowMuchOfWhatAndWhetherItFits)
{
    VerdictHeader header;
    header.display({sample::shared(sample::llama70b()), false, ByteUnit::gib});
    EXPECT_EQ(labelText(header, "verdictTotal"), QStringLiteral("65.7\u00A0GiB"));
    EXPECT_EQ(labelText(header, "verdictContext"),
              QStringLiteral("per GPU, of 79.6\u00A0GiB on 4 × H100 SXM 80 GB · expect 64.9\u00A0–\u00A066.5"));
    EXPECT_EQ(labelText(header, "verdictPill"), QStringLiteral("✓ Fits · 83\u00A0% used · 13.9\u00A0GiB free"));
}

TEST(VerdictHeader, NoRangeWhereThereIsNone)
{
    Estimate estimate = sample::llama70b();
    estimate.low = estimate.high = estimate.total;
    VerdictHeader header;
    header.display({sample::shared(std::move(estimate)), false, ByteUnit::gib});
    EXPECT_THAT(labelText(header, "verdictContext").toStdString(), Not(HasSubstr("expect")));
}

TEST(VerdictHeader, SaysWhenTheResultIsAnOldOne)
{
    VerdictHeader header;
    header.display({sample::shared(sample::llama70b()), true, ByteUnit::gib});
    EXPECT_THAT(labelText(header, "verdictContext").toStdString(), HasSubstr("last valid result"));
}

// Where there is little room whole parts go, the last ones first; mark and word never do.
TEST(VerdictHeader, ThePillLosesWholeParts)
{
    VerdictHeader header;
    header.display({sample::shared(sample::llama70b()), false, ByteUnit::gib});
    header.show();
    const QStringList shown = {QStringLiteral("✓ Fits · 83\u00A0% used · 13.9\u00A0GiB free"),
                               QStringLiteral("✓ Fits · 83\u00A0% used"), QStringLiteral("✓ Fits")};
    qsizetype last = 0;
    for (int width = 900; width > 60; width -= 10) {
        header.resize(width, 100);
        const qsizetype at = shown.indexOf(labelText(header, "verdictPill"));
        ASSERT_GE(at, last) << width << labelText(header, "verdictPill").toStdString();
        last = at;
    }
    EXPECT_EQ(last, 2);
    const auto* pill = header.findChild<QLabel*>(QStringLiteral("verdictPill"));
    EXPECT_THAT(pill->accessibleName().toStdString(), HasSubstr("free")) << "screen readers get all of it";
}

TEST(VerdictHeader, SaysByHowMuchItExceeds)
{
    VerdictHeader header;
    header.display({sample::shared(sample::exceeding()), false, ByteUnit::gb});
    EXPECT_EQ(labelText(header, "verdictPill"), QStringLiteral("✕ Exceeds by 143.8\u00A0GB · needs 4 GPUs"));
}

TEST(VerdictHeader, SaysWhyWhereNoFigureDoes)
{
    Estimate estimate = sample::llama70b();
    estimate.fit.verdict = Verdict::cant_run;
    estimate.fit.refusal = Refusal{.rule = "accelerator", .text = "vLLM doesn't run there", .source = ""};
    VerdictHeader header;
    header.display({sample::shared(estimate), false, ByteUnit::gib});
    EXPECT_THAT(labelText(header, "verdictContext").toStdString(), HasSubstr("run there"));
    EXPECT_THAT(labelText(header, "verdictPill").toStdString(), HasSubstr("✕"));

    estimate = sample::llama70b();
    estimate.fit.verdict = Verdict::tight;
    estimate.fit.high = {estimate.fit.usable.count + 1};
    header.display({sample::shared(std::move(estimate)), false, ByteUnit::gib});
    EXPECT_THAT(labelText(header, "verdictContext").toStdString(), HasSubstr("upper end does not fit"));
}

TEST(VerdictHeader, NothingOverlapsOrLeavesAtAnyWidthAndFont)
{
    for (const double zoom : {1.0, 1.5, 2.0}) {
        for (const int width : {420, 600, 800, 1200}) {
            VerdictHeader header;
            header.setFont(scaled(header.font(), zoom));
            header.display({sample::shared(sample::huge()), true, ByteUnit::gib});
            header.resize(width, header.heightForWidth(width));
            header.show();
            const auto labels = header.findChildren<QLabel*>();
            for (const QLabel* one : labels) {
                EXPECT_TRUE(header.rect().contains(one->geometry()))
                    << one->objectName().toStdString() << width << " at " << zoom;
                for (const QLabel* other : labels)
                    EXPECT_TRUE(one == other || !one->geometry().intersects(other->geometry()))
                        << width << " at " << zoom;
            }
        }
    }
}

TEST(VerdictHeader, FollowsThePalette)
{
    VerdictHeader header;
    header.display({sample::shared(sample::llama70b()), false, ByteUnit::gib});
    header.setPalette(applicationPalette(ColorMode::dark));
    const auto* total = header.findChild<QLabel*>(QStringLiteral("verdictTotal"));
    EXPECT_EQ(total->palette().color(QPalette::WindowText), Theme::from(applicationPalette(ColorMode::dark)).text);
}

TEST(VerdictText, OneGpuIsNotManyGpus)
{
    Fit fit = sample::exceeding().fit;
    fit.gpus_needed = 1;
    EXPECT_TRUE(verdictSentence(fit, ByteUnit::gib).endsWith(QStringLiteral("needs 1 GPU")));
    EXPECT_TRUE(verdictShort(fit).startsWith(QStringLiteral("✕ 268\u00A0%")));
}

TEST(ModelPanel, PartsAddUpToTheTotal)
{
    for (const auto make : {sample::llama70b, sample::mixtureWithLatentCache}) {
        const EstimatePointer estimate = sample::shared(make());
        ModelPanel panel;
        panel.display({estimate, false, ByteUnit::gib});
        const auto* list = panel.findChild<FigureList*>(QStringLiteral("modelParameters"));
        std::int64_t sum = 0;
        std::int64_t total = 0;
        for (const FigureList::Row& row : list->rows()) {
            const std::int64_t figure = QString(row.figure).remove(u',').toLongLong();
            if (row.strong) {
                total = figure;
                break;
            }
            sum += figure;
        }
        EXPECT_EQ(sum, total);
        EXPECT_EQ(total, estimate->model->parameters.total);
    }
}

/// Another model has as many rows, but another of them is the total.
TEST(FigureList, BoldFollowsTheTotal)
{
    FigureList list({});
    const auto row = [](const char* name, bool strong) {
        return FigureList::Row{QString::fromLatin1(name), QStringLiteral("1"), {}, strong};
    };
    const auto bold = [&] {
        QStringList names;
        for (const QLabel* label : list.findChildren<QLabel*>())
            if (label->font().weight() >= QFont::DemiBold && label->text().size() > 1)
                names << label->text();
        return names;
    };
    list.setRows({row("Norms", false), row("Total", true), row("Active", false)}, false);
    EXPECT_EQ(bold(), QStringList{QStringLiteral("Total")});
    list.setRows({row("Norms", false), row("Vision", false), row("Total", true)}, false);
    EXPECT_EQ(bold(), QStringList{QStringLiteral("Total")});
}

TEST(ModelPanel, ShowsHowATokensCacheIsCounted)
{
    ModelPanel panel;
    panel.display({sample::shared(sample::mixtureWithLatentCache()), false, ByteUnit::gib});
    const auto& rows = panel.findChild<FigureList*>(QStringLiteral("cacheDerivation"))->rows();
    EXPECT_EQ(rows[0].name, QStringLiteral("61 layers, latent (MLA)"));
    EXPECT_EQ(rows[0].figure, QStringLiteral("512 + 64 elements"));
    EXPECT_EQ(rows[1].figure, QStringLiteral("70,272"));
}

TEST(SummaryBar, SaysWhatWouldStillFit)
{
    SummaryBar bar;
    bar.display({sample::shared(sample::llama70b()), false, ByteUnit::gib});
    const auto* capacity = bar.findChild<ElidedLabel*>(QStringLiteral("summaryCapacity"));
    EXPECT_EQ(capacity->fullText(), QStringLiteral("Up to 14 × 32,768 tokens fit · 49,900 tokens at 12"));
}

TEST(ElidedLabel, KeepsBothEndsAndTheWholeInTheToolTip)
{
    ElidedLabel label;
    label.setFullText(QStringLiteral("an-organisation/A-Model-Whose-Name-Does-Not-Want-To-End-Q4_K_M"));
    label.resize(150, label.sizeHint().height());
    label.show();
    EXPECT_TRUE(label.text().contains(QChar(u'…')));
    EXPECT_TRUE(label.text().startsWith(u'a'));
    EXPECT_TRUE(label.text().endsWith(u'M'));
    EXPECT_EQ(label.toolTip(), label.fullText());
    label.resize(2000, 20);
    EXPECT_EQ(label.text(), label.fullText());
    EXPECT_TRUE(label.toolTip().isEmpty());
}

} // namespace weighbridge
