#include "tests/ui/support/sample_estimate.h"
#include "ui/export/file_export.h"
#include "ui/export/picture.h"
#include "ui/export/picture_layout.h"

#include <gmock/gmock.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImage>
#include <QTemporaryDir>

#include <csignal>
#include <sys/resource.h>

namespace weighbridge {

using testing::HasSubstr;

namespace {

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// While it lives, writing a file beyond a few bytes (4 KiB) fails as on a full disk.
class SmallFilesOnly
{
public:
    explicit SmallFilesOnly(rlim_t bytes = 4096)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit small = before_;
        small.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallFilesOnly()
    {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, SIG_DFL);
    }
    SmallFilesOnly(const SmallFilesOnly&) = delete;
    SmallFilesOnly& operator=(const SmallFilesOnly&) = delete;

private:
    rlimit before_{};
};

class Exports : public testing::Test
{
protected:
    QTemporaryDir folder;
    QString at(const char* name) const { return folder.filePath(QString::fromLatin1(name)); }
};

} // namespace

TEST_F(Exports, PngIsTwiceTheSizeAndLight)
{
    ASSERT_FALSE(exportPicture(sample::llama70b(), ByteUnit::gib, PictureFormat::png, at("a.png")));
    const QImage image(at("a.png"));
    EXPECT_EQ(image.width(), 2 * 960);
    EXPECT_GT(image.height(), 500);
    EXPECT_EQ(image.pixelColor(2, 2), QColor(Qt::white));
}

TEST_F(Exports, PictureDoesNotDependOnTheWindowsPaletteOrFont)
{
    const QPalette palette = QGuiApplication::palette();
    const QImage before = pictureImage(sample::llama70b(), ByteUnit::gib);
    QGuiApplication::setPalette(applicationPalette(ColorMode::dark));
    EXPECT_EQ(pictureImage(sample::llama70b(), ByteUnit::gib), before);
    QGuiApplication::setPalette(palette);
}

TEST_F(Exports, SvgHoldsTheTexts)
{
    ASSERT_FALSE(exportPicture(sample::llama70b(), ByteUnit::gib, PictureFormat::svg, at("a.svg")));
    const std::string svg = contentOf(at("a.svg")).toStdString();
    for (const char* text : {"<svg", "Llama-3.1-70B", "65.7\u00A0GiB", "KV cache", "30.00\u00A0GiB", "79.6\u00A0GiB",
                             "Fits · 83\u00A0% used"})
        EXPECT_THAT(svg, HasSubstr(text));
}

TEST_F(Exports, PdfIsAPdf)
{
    ASSERT_FALSE(exportPicture(sample::llama70b(), ByteUnit::gb, PictureFormat::pdf, at("a.pdf")));
    EXPECT_TRUE(contentOf(at("a.pdf")).startsWith("%PDF"));
}

TEST_F(Exports, EveryEstimateCanBePainted)
{
    for (const auto make : {sample::mixtureWithLatentCache, sample::exceeding, sample::huge, sample::nothing})
        for (const PictureFormat format : {PictureFormat::png, PictureFormat::svg, PictureFormat::pdf})
            EXPECT_TRUE(static_cast<bool>(pictureBytes(make(), ByteUnit::gib, format)));
}

TEST_F(Exports, NothingLeavesThePicture)
{
    const Typography type = Typography::from(QGuiApplication::font());
    const PictureLayout layout = PictureLayout::of(sample::huge(), ByteUnit::gib, type);
    const QRectF page(QPointF(0, 0), layout.size);
    for (const ChartText* text : {&layout.title, &layout.total, &layout.context, &layout.verdict})
        EXPECT_TRUE(!text->shown() || page.contains(text->rect)) << text->text.toStdString();
    for (const LegendRow& row : layout.rows)
        for (const ChartText* text : {&row.label, &row.value, &row.share, &row.formula})
            EXPECT_TRUE(!text->shown() || page.contains(text->rect)) << text->text.toStdString();
}

TEST_F(Exports, APictureOfATrainingStepShowsItsMomentsWithThePeakAndItsSentence)
{
    ASSERT_FALSE(exportPicture(sample::training(), ByteUnit::gib, PictureFormat::svg, at("step.svg")));
    const std::string svg = contentOf(at("step.svg")).toStdString();
    for (const char* text : {"Moments of a training step on pipeline stage 1, the fullest of 2", "End of forward",
                             "Optimizer step", "70.5\u00A0GiB peak", "44.5\u00A0GiB", "30.5\u00A0GiB", "79.6\u00A0GiB",
                             "Peak at end of forward", "what every layer keeps for the backward pass."})
        EXPECT_THAT(svg, HasSubstr(text));
    ASSERT_FALSE(exportPicture(sample::llama70b(), ByteUnit::gib, PictureFormat::svg, at("served.svg")));
    EXPECT_FALSE(contentOf(at("served.svg")).contains("training step"));
}

TEST_F(Exports, MomentsStandBelowTheTableAndNothingOfThemIsCut)
{
    const Typography type = Typography::from(QGuiApplication::font());
    const PictureLayout layout = PictureLayout::of(sample::training(), ByteUnit::gb, type);
    ASSERT_TRUE(layout.moments);
    const QRectF page(QPointF(0, 0), layout.size);
    const qreal table = layout.rows.back().label.rect.bottom();
    std::vector<ChartText> texts = {layout.moments->title, layout.moments->chart.capacity};
    texts.insert(texts.end(), layout.moments->sentence.begin(), layout.moments->sentence.end());
    for (const MomentBar& bar : layout.moments->chart.bars) {
        texts.insert(texts.end(), {bar.label, bar.value});
        for (const MomentSegment& segment : bar.segments)
            EXPECT_TRUE(page.contains(segment.rect));
    }
    for (const MomentLegend& entry : layout.moments->chart.legend)
        texts.push_back(entry.label);
    ASSERT_EQ(layout.moments->chart.bars.size(), 3U);
    EXPECT_TRUE(layout.moments->chart.bars.at(1).peak); // loading comes first
    for (const ChartText& text : texts) {
        EXPECT_TRUE(page.contains(text.rect)) << text.text.toStdString();
        EXPECT_GT(text.rect.top(), table) << text.text.toStdString();
        EXPECT_FALSE(text.text.contains(u'…')) << text.text.toStdString();
    }
    for (const ChartText& line : layout.moments->sentence)
        for (const MomentLegend& entry : layout.moments->chart.legend)
            EXPECT_FALSE(line.rect.intersects(entry.label.rect));
}

TEST_F(Exports, AFailedWriteLeavesTheOldFileAndNamesPathAndReason)
{
    // A folder in the place of the file can't be replaced, whoever runs the test.
    const QString path = at("taken");
    ASSERT_TRUE(QDir().mkpath(path));
    const Outcome failed = exportText("new", path);
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->message, HasSubstr(path.toStdString()));
    EXPECT_GT(failed->message.size(), path.size() + 20U);
    EXPECT_TRUE(QFileInfo(path).isDir());
}

TEST_F(Exports, AMissingFolderIsNamed)
{
    const QString path = at("no/such/folder/file.csv");
    const Outcome failed = exportText("text", path);
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->field, path.toStdString());
    EXPECT_THAT(failed->message, HasSubstr("No such file or directory"));
}

TEST_F(Exports, AWriteThatStopsHalfwayLeavesTheOldFile)
{
    ASSERT_FALSE(exportText("old", at("a.csv")));
    const SmallFilesOnly limit;
    const Outcome failed = exportText(QByteArray(1 << 20, 'x'), at("a.csv"));
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->message, HasSubstr("File too large"));
    EXPECT_EQ(contentOf(at("a.csv")), "old");
    EXPECT_EQ(QDir(folder.path()).entryList(QDir::Files).size(), 1);
}

TEST_F(Exports, AShortTextIsLostOnNoFullDisk)
{
    // Qt 6.4's QSaveFile keeps it in its buffer, fails to flush that and takes the place of the old file all the same.
    ASSERT_FALSE(exportText("old", at("a.json")));
    const SmallFilesOnly limit(8);
    EXPECT_TRUE(exportText("a scenario of a few bytes", at("a.json")));
    EXPECT_EQ(contentOf(at("a.json")), "old");
    EXPECT_EQ(QDir(folder.path()).entryList(QDir::Files).size(), 1);
}

TEST_F(Exports, OverwritesOnlyWithTheWholeText)
{
    ASSERT_FALSE(exportText("old text, longer", at("a.csv")));
    ASSERT_FALSE(exportText("new", at("a.csv")));
    EXPECT_EQ(contentOf(at("a.csv")), "new");
    EXPECT_EQ(QDir(folder.path()).entryList(QDir::Files).size(), 1);
}

TEST_F(Exports, AReadOnlyFolderLeavesTheOldFile)
{
    ASSERT_FALSE(exportText("old", at("a.csv")));
    QFile::setPermissions(folder.path(), QFileDevice::ReadOwner | QFileDevice::ExeOwner);
    const Outcome failed = exportText("new", at("a.csv"));
    QFile::setPermissions(folder.path(), QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    if (!failed)
        GTEST_SKIP() << "this user may write to any folder";
    EXPECT_EQ(contentOf(at("a.csv")), "old");
    EXPECT_THAT(failed->message, HasSubstr("a.csv"));
}

} // namespace weighbridge
