import { AppError } from '../../contract/app-error.js';
import { engineContract, type EngineContract } from '../../contract/engine-contract.js';
import type { Answer, RequestName } from '../../contract/channel.js';

/** One request that the engine has not answered. */
export interface PendingRequest {
  readonly id: string;
  readonly name: RequestName<EngineContract>;
  readonly input: unknown;
  /** the work it belongs to; null for requests that cannot be cancelled */
  readonly taskId: string | null;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  /** how often the engine died while this was in its hands */
  deaths: number;
  posted: boolean;
  cancelled: boolean;
}

/** Deaths of the engine after which a request is given up: the second one is no coincidence. */
const maxDeaths = 2;

/** What has been asked and not answered, kept so that it can be asked again after a crash. */
export class PendingRequests {
  readonly #byId = new Map<string, PendingRequest>();

  /** Requests in the order in which they were asked. */
  all(): PendingRequest[] {
    return [...this.#byId.values()];
  }

  add(request: PendingRequest): void {
    this.#byId.set(request.id, request);
  }

  /** @returns open requests of one task */
  ofTask(taskId: string): PendingRequest[] {
    return this.all().filter((request) => request.taskId === taskId);
  }

  /** Gives an answer to whoever asked; the value is checked against the contract. An unknown id is ignored. */
  settle(id: string, answer: Answer): void {
    const request = this.#byId.get(id);
    if (request === undefined) return;
    this.#byId.delete(id);
    if (!answer.ok) {
      request.reject(AppError.fromData(answer.error));
      return;
    }
    const value = engineContract.requests[request.name].output.safeParse(answer.value);
    if (value.success) request.resolve(value.data);
    else request.reject(unexpectedAnswer(request.name, value.error.issues[0]?.path ?? []));
  }

  /** Gives up every open request. */
  rejectAll(error: AppError): void {
    const requests = this.all();
    this.#byId.clear();
    for (const request of requests) request.reject(error);
  }

  /**
   * Sorts out what a dead engine leaves behind: cancelled requests end as cancelled, those that saw it die too often are
   * given up, the others wait to be posted again.
   * @param blamed  false when the host itself ended the engine: then nobody is to blame
   */
  afterDeath(blamed: boolean): void {
    for (const request of this.all()) {
      if (blamed && request.posted) request.deaths += 1;
      request.posted = false;
      if (request.cancelled) this.#drop(request, new AppError('CANCELLED', 'Cancelled.'));
      else if (request.deaths >= maxDeaths) this.#drop(request, crashed(request.name));
    }
  }

  #drop(request: PendingRequest, error: AppError): void {
    this.#byId.delete(request.id);
    request.reject(error);
  }
}

function crashed(name: string): AppError {
  return new AppError(
    'ENGINE_CRASHED',
    `The engine stopped twice while it worked on this (${name}). It has been restarted; the recording is untouched. ` +
      'Try again, or convert the recording with another program first.',
  );
}

function unexpectedAnswer(name: string, path: PropertyKey[]): AppError {
  return new AppError(
    'INTERNAL',
    `The engine answered ${name} in a form that was not agreed (at "${path.map(String).join('.')}"). Please report this.`,
  );
}
