#include "core/launch/shell_words.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::size_t most_words = 20'000;

bool is_name(std::string_view text)
{
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
           std::all_of(text.begin(), text.end(), [](char letter) {
               return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
           });
}

/// "C:" and "." before a backslash begin a path of Windows, in which it parts folders.
bool begins_windows_path(std::string_view word)
{
    return word.find('\\') != std::string_view::npos || word == "." || word == ".." ||
           (word.size() == 2 && word[1] == ':' && std::isalpha(static_cast<unsigned char>(word[0])) != 0);
}

class ShellReader
{
public:
    explicit ShellReader(std::string_view text) : text_(text) {}

    Result<std::vector<ShellCommand>> read()
    {
        while (at_ < text_.size()) {
            step();
            if (count_ > most_words)
                return Error{"", "the command has more than 20,000 words"};
        }
        if (!problem_.empty())
            return Error{"", problem_};
        end_command();
        return std::move(commands_);
    }

private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    /// Past a mark that joins lines, with its line's end; false where none stands here.
    bool skip_join(char mark)
    {
        std::size_t end = at_ + 1;
        while (end < text_.size() && (text_[end] == ' ' || text_[end] == '\t' || text_[end] == '\r'))
            ++end;
        if (peek() != mark || end >= text_.size() || text_[end] != '\n')
            return false;
        at_ = end + 1;
        end_word();
        return true;
    }

    void step()
    {
        const char letter = peek();
        if ((letter == '\\' || letter == '`' || letter == '^') && skip_join(letter))
            return;
        switch (letter) {
        case ' ':
        case '\t':
        case '\r':
            end_word();
            ++at_;
            return;
        case '\n':
        case ';':
        case '|':
        case '&':
            end_command();
            ++at_;
            return;
        case '#':
            if (!in_word_) {
                at_ = std::min(text_.find('\n', at_), text_.size());
                return;
            }
            break;
        case '\'':
            read_single();
            return;
        case '"':
            read_double();
            return;
        case '$':
            if (peek(1) == '(') {
                read_substitution();
                return;
            }
            break;
        case '<':
        case '>':
            skip_redirection();
            return;
        case '\\':
            read_escape();
            return;
        default:
            break;
        }
        add(letter);
        ++at_;
    }

    void read_escape()
    {
        if (begins_windows_path(word_)) {
            add('\\');
            ++at_;
            return;
        }
        if (at_ + 1 < text_.size())
            add(text_[at_ + 1]);
        at_ += 2;
    }

    void read_single()
    {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos)
            problem_ = "a single quote is not closed";
        in_word_ = true;
        word_ += text_.substr(at_ + 1, end == std::string_view::npos ? end : end - at_ - 1);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
    }

    void read_double()
    {
        in_word_ = true;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            const char next = peek(1);
            if (text_[at_] == '\\' && next == '\n') {
                ++at_;
                continue;
            }
            if (text_[at_] == '\\' && (next == '"' || next == '\\' || next == '$' || next == '`'))
                ++at_;
            word_ += peek();
        }
        if (at_ >= text_.size())
            problem_ = "a double quote is not closed";
        ++at_;
    }

    /// "$(expr 16 / 2)" is one piece of a word, and not run.
    void read_substitution()
    {
        int depth = 0;
        do {
            depth += peek() == '(' ? 1 : peek() == ')' ? -1 : 0;
            add(peek());
            ++at_;
        } while (at_ < text_.size() && (depth > 0 || word_.back() == '$'));
    }

    void skip_redirection()
    {
        const bool has_number = !word_.empty() && std::all_of(word_.begin(), word_.end(), [](char letter) {
            return std::isdigit(static_cast<unsigned char>(letter)) != 0;
        });
        if (has_number) {
            word_.clear();
            in_word_ = false;
        }
        end_word();
        while (peek() == '>' || peek() == '<' || peek() == '&' || peek() == ' ')
            ++at_;
        redirected_ = true;
    }

    void add(char letter)
    {
        in_word_ = true;
        word_ += letter;
    }

    void end_word()
    {
        if (!in_word_)
            return;
        ++count_;
        if (redirected_)
            redirected_ = false;
        else if (!takes_assignment())
            command_.words.push_back(std::move(word_));
        word_.clear();
        in_word_ = false;
    }

    /// NAME=VALUE in front of a command, behind export, env and set, or `$env:NAME = VALUE` of PowerShell.
    bool takes_assignment()
    {
        std::string_view text = word_;
        constexpr std::string_view power_shell = "$env:";
        const bool is_shell_variable = text.starts_with(power_shell) || text.starts_with("$Env:");
        if (is_shell_variable)
            text.remove_prefix(power_shell.size());
        const bool in_front = command_.words.empty() || command_.words == std::vector<std::string>{"export"} ||
                              command_.words == std::vector<std::string>{"env"} ||
                              command_.words == std::vector<std::string>{"set"};
        if (!in_front)
            return false;
        if (!pending_.empty()) { // $env:NAME = VALUE
            if (text == "=")
                return true;
            command_.environment.emplace_back(std::exchange(pending_, {}), std::string(text));
            return true;
        }
        const std::size_t equals = text.find('=');
        if (is_shell_variable && equals == std::string_view::npos) {
            pending_ = text;
            return true;
        }
        if (equals == std::string_view::npos || !is_name(text.substr(0, equals)))
            return false;
        command_.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        return true;
    }

    void end_command()
    {
        end_word();
        if (!command_.words.empty() || !command_.environment.empty())
            commands_.push_back(std::move(command_));
        command_ = {};
        pending_.clear();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t count_ = 0;
    std::string word_;
    std::string pending_; ///< a variable of PowerShell whose value comes
    bool in_word_ = false;
    bool redirected_ = false;
    std::string problem_;
    ShellCommand command_;
    std::vector<ShellCommand> commands_;
};

} // namespace

Result<std::vector<ShellCommand>> shell_commands(std::string_view text)
{
    return ShellReader(text).read();
}

} // namespace weighbridge
